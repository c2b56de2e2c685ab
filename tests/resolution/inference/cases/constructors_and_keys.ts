class Cart { pay() {} }
class Timer { constructor(readonly done: (cart: Cart) => void) {} }
new Timer((cart) => cart.pay());
//                       ^ leads to Cart.pay
interface Maker { new (): Cart }
declare const Made: Maker;
new Made().pay();
//         ^ leads to Cart.pay
declare const Another: new () => Cart;
new Another().pay();
//            ^ leads to Cart.pay
interface Shop { "open-all": Cart; "on-done"(cart: Cart): void; [at: number]: Cart }
declare const shop: Shop;
shop["open-all"].pay();
//               ^ leads to Cart.pay
shop[3].pay();
//      ^ leads to Cart.pay
const given: Shop = { "open-all": new Cart(), "on-done"(cart) { cart.pay(); } };
//                                                                   ^ leads to Cart.pay
interface Handlers { "when-paid": (cart: Cart) => void }
const handlers: Handlers = { "when-paid": (cart) => cart.pay() };
//                                                       ^ leads to Cart.pay
