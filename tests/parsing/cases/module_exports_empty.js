const app = exports = module.exports = {};
//    ^ definition constant app
app.init = function () {};
//  ^ definition method init exported
exports.marker = 1;
//! exports init, marker
const other = {};
other.inner = function () {};
//    ^ definition method inner
