exports = module.exports = create;
//                         ^ reference symbol create
function create() {}
//       ^ definition function create exported
//! export export= symbol create
