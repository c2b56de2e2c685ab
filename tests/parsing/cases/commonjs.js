const fs = require('fs'), { join, sep: separator } = require('path');
//    ^ no definition
//                          ^ reference import import join path
//                                ^ reference import import sep path
const parse = require('./parse').parse;
//                               ^ reference import import parse ./parse
exports.read = function (name) {
//      ^ definition function read exported
  return fs.readFileSync(join(name, separator), parse);
  //     ^ reference import export= fs
  //        ^ reference call import-member fs.readFileSync
  //                     ^ reference call import join path
  //                                ^ reference import sep path
  //                                            ^ reference import parse ./parse
};
function helper() {}
exports.helper = helper;
//      ^ definition variable helper exported
//               ^ reference symbol helper@16
module.exports.other = 1;
//             ^ definition variable other exported
//! export read symbol read
//! export helper symbol helper@16
//! export other symbol other
//! exports read, helper, other
