class Cart { pay() {} }
interface Each { (run: (cart: Cart) => void): void }
declare const each: Each;
each((cart) => cart.pay());
//                  ^ leads to Cart.pay
interface Handler { (cart: Cart): void }
declare function listen(handler: Handler): void;
listen((cart) => cart.pay());
//                    ^ leads to Cart.pay
const handler: Handler = (cart) => cart.pay();
//                                      ^ leads to Cart.pay
handler;
