const lib = module.exports;
const all = require('./all');
exports.first = exports['second one'] = 5;
//      ^ definition variable first exported
//                      ^ definition variable second_one exported
const kept = exports.third = function () {};
//                   ^ definition function third exported
Object.defineProperty(exports, '__esModule', { value: true });
Object.defineProperty(exports, 'fourth', { value: 4 });
//                             ^ definition variable fourth exported
lib.fifth = function () {};
//  ^ definition method fifth exported in lib
exports[kept] = 1;
// <- reference export unknown
module.exports = { ...all, ...require('./more'), ...kept };
//                    ^ reference export module ./all *
//                            ^ reference export module ./more *
//                                                  ^ reference export unknown
function inside(exports) { exports[lib] = 1; }
//                         ^ reference local 19
//! export export= local 15
