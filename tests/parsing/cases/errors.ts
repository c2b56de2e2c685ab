function before() {}
//       ^ definition function before
const = ;
function after() { before(); }
//       ^ definition function after
//                 ^ reference call symbol before
