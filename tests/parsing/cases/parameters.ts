function f(a: string, { b, c: d = a, ...rest }: any, [e, , g]: any[], ...more: any[]) {
//                                ^ reference local 1
  return [a, b, d, rest, e, g, more, c];
  //      ^ reference local 1
  //         ^ reference local 1
  //            ^ reference local 1
  //               ^ reference local 1
  //                     ^ reference local 1
  //                        ^ reference local 1
  //                           ^ reference local 1
  //                                 ^ reference undeclared
}
