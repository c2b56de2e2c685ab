class Cart { pay() {} }
type Handler = (cart: Cart) => void;
function make(): Handler { return (cart) => cart.pay(); }
//                                               ^ leads to Cart.pay
const build = (): Handler => (cart) => cart.pay();
//                                          ^ leads to Cart.pay
const table: Record<string, Handler> = { one: (cart) => cart.pay(), two(cart) { cart.pay(); } };
//                                                           ^ leads to Cart.pay
//                                                                                   ^ leads to Cart.pay
const list: Handler[] = [(cart) => cart.pay()];
//                                      ^ leads to Cart.pay
const typed: { run: Handler } = { run: (cart) => cart.pay() };
//                                                    ^ leads to Cart.pay
(function (cart) { cart.pay(); } as Handler);
//                      ^ leads to Cart.pay
make; build; table; list; typed;
