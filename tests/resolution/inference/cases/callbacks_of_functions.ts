class Cart { pay() {} }
function each(run: (cart: Cart, index: number) => void) { run(new Cart(), 1); }
each((cart) => cart.pay());
//                  ^ leads to Cart.pay
each(function (cart) { cart.pay(); });
//                          ^ leads to Cart.pay
each(({ pay }) => pay());
//      ^ leads to Cart.pay
type Run = (cart: Cart) => void;
declare function later(delay: number, run?: Run): void;
later(1, (cart) => cart.pay());
//                      ^ leads to Cart.pay
declare function rest(...runs: Run[]): void;
rest((cart) => cart.pay(), (cart) => cart.pay());
//                  ^ leads to Cart.pay
//                                        ^ leads to Cart.pay
