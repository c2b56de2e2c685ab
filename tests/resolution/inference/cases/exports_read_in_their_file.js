exports.one = function () { return { of: 1 }; };
exports.two = function () { return exports.one().of; };
//                                         ^ leads to one
//                                               ^ leads to of@1
exports.three = () => module.exports.two();
//                                   ^ leads to two
exports.four = () => exports.gone();
//                           ^ unknown
const self = module.exports;
exports.five = () => self.one().of;
//                        ^ leads to one
//                              ^ leads to of@1
// @file: whole.js
module.exports = { first() { return { at: 1 }; }, other() { return module.exports.first().at; } };
//                                                                                ^ leads to first
//                                                                                        ^ leads to at@14
// @file: named.js
function run() { return { at: 1 }; }
exports.run = run;
exports.again = () => exports.run().at;
//                            ^ leads to run@18
//                                  ^ leads to at@18
// @file: parameter.js
module.exports = function (exports) { return exports.name; };
//                                                   ^ unknown
