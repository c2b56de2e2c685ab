const parse = () => 1;
exports = module.exports = { parse };
//                           ^ reference symbol parse
//! export parse symbol parse@1
//! exports parse
