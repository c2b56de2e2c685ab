function outer() {
  class Inner { run() {} }
  //    ^ definition class Inner in outer
  //            ^ definition method run in Inner
  interface Local { a: 1 }
  //        ^ definition interface Local in outer
  let count = 0, make = function () { return count; };
  //  ^ no definition
  //             ^ definition function make in outer
  //                                         ^ reference local 7 in make
  return new Inner().run();
  //         ^ reference new symbol Inner
  //                 ^ reference call unknown
}
