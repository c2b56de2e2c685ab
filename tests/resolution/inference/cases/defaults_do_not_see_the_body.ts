const options = { of: { deep: 1 } };
function read(given = options, late = () => options.of) {
//                    ^ leads to options@1
//                                          ^ leads to options@1
//                                                  ^ leads to options.of@1
  const options = given.of;
  return [options, late];
//        ^ leads to local options@6
}
const arrow = (given = options) => { let options = given; return options; };
//                     ^ leads to options@1
//                                                               ^ leads to local options@10
class Cart {
  constructor(private given = options) { const options = given.of; options.deep; }
//                            ^ leads to options@1
//                                                                         ^ leads to options.of.deep
  pay(given = options.of) { var given = options.of; return given; }
//                                                         ^ leads to local given@17
  over({ of } = options) { function options() { return of; } return options; }
//              ^ leads to over.options
//                                                                  ^ leads to over.options
}
read(); arrow(); new Cart();
