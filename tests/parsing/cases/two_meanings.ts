const Shape = 1;
type Shape = typeof Shape;
//                  ^ reference type symbol Shape@1
let a: Shape = Shape;
//     ^ reference type symbol Shape@2
//             ^ reference read symbol Shape@1
function f(ns: ns.T, T: T) {}
//             ^ reference undeclared
//                      ^ reference type undeclared
