const parse = () => 1;
//    ^ definition function parse exported
module.exports = { parse };
//                 ^ reference symbol parse
//                 ^ no definition
//! export parse symbol parse@1
//! exports parse
