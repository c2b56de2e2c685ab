// @file: lib.js
function request() { return request.defaults({}); }
//                                  ^ leads to defaults@4
request.defaults = function (options) { return { options, get() {} }; };
module.exports = request;
module.exports.Cookie = class Cookie { eat() {} };
// @file: main.js
const request = require('./lib');
request.defaults().get();
//      ^ leads to request.defaults
//                 ^ leads to get@4
new request.Cookie().eat();
//                   ^ leads to Cookie.eat
