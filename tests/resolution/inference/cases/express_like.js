// @file: app.js
const app = exports = module.exports = {};
app.init = function init() { this.cache = {}; };
app.listen = function listen() { return this.init(); };
//                                           ^ leads to init@3
// @file: cache.js
module.exports = { cache: 1 };
// @file: main.js
const app = require('./app');
app.listen();
//  ^ leads to listen@4
app.init();
//  ^ leads to init@3
