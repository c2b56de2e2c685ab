// @file: lib/express.js
exports = module.exports = createApplication;
function createApplication() { return new Router(); }
class Router { route() {} }
exports.Router = Router;
createApplication.mime = function mime() {};
// @file: index.js
module.exports = require('./lib/express');
// @file: examples/main.js
const express = require('..');
const { Router } = require('..');
//      ^ leads to Router@4
express().route();
// <- leads to createApplication
//        ^ leads to Router.route
express.Router;
//      ^ leads to Router@4
express.mime();
//      ^ leads to createApplication.mime
new Router().route();
//           ^ leads to Router.route
require('..')().route();
//              ^ leads to Router.route
// @file: e6.js
exports.b = function b() {};
exports.both = 1;
// @file: e7.js
module.exports = require('./e6');
module.exports.extra = function extra() {};
exports.both = 2;
// @file: e8.js
exports = module.exports = require('./e7');
// @file: e9.js
const named = require('./e8');
module.exports = exports = named;
// @file: gone.js
module.exports = require('./nowhere');
// @file: outside.js
module.exports = require('lodash');
// @file: round.js
module.exports = require('./about');
// @file: about.js
module.exports = require('./round');
// @file: uses.js
const { b, extra, both } = require('./e7');
//      ^ leads to b@25
//         ^ leads to extra@29
//                ^ leads to both@30
const e7 = require('./e7'), e8 = require('./e8'), e9 = require('./e9');
e7.b();
// ^ leads to b@25
e7.extra();
// ^ leads to extra@29
e7.both;
// ^ leads to both@30
e8.extra();
// ^ leads to extra@29
e9.b();
// ^ leads to b@25
e9.extra();
// ^ leads to extra@29
require('./e8').b();
//              ^ leads to b@25
require('./e7').extra();
//              ^ leads to extra@29
require('./e7').both;
//              ^ leads to both@30
require('./e8').extra();
//              ^ leads to extra@29
const { debounce } = require('./outside');
//      ^ external
const { nothing } = require('./gone');
//      ^ unresolved module
const round = require('./round');
round.trip;
