interface Box { a: 1 }
class Box { read() { return this.a; } }
//                               ^ reference symbol a
function make() {}
namespace make { export const fast = 1; }
make.fast;
//   ^ reference symbol fast
enum Level { Low }
enum Level { High = Low + 1 }
//                  ^ reference symbol Low
Level.High;
//    ^ reference symbol High
