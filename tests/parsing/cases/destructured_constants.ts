export const { a, b: { c }, d = 1, ...rest } = load();
//             ^ definition constant a exported
//                     ^ definition constant c exported
//                          ^ definition constant d exported
//                                    ^ definition constant rest exported
//                                             ^ reference call undeclared
let [e, , g] = [1, 2, 3];
//   ^ definition variable e
//        ^ definition variable g
//! exports a, c, d, rest
