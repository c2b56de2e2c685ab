class Cart { pay() {} }
interface Options { done: (cart: Cart) => void; failed?(cart: Cart): void }
declare function run(options: Options): void;
run({ done: (cart) => cart.pay(), failed(cart) { cart.pay(); } });
//                         ^ leads to Cart.pay
//                                                    ^ leads to Cart.pay
const options: Options = { done(cart) { cart.pay(); } };
//                                           ^ leads to Cart.pay
const list: Options[] = [{ done: (cart) => cart.pay() }];
//                                              ^ leads to Cart.pay
function make(): Options { return { done: (cart) => cart.pay() }; }
//                                                       ^ leads to Cart.pay
options; list; make;
