declare class Cart { pay(): void }
type Carts = { [name: string]: Cart };
declare const carts: Carts, name: string;
carts['first'].pay();
//             ^ leads to Cart.pay
carts[name].pay();
//          ^ leads to Cart.pay
carts.last.pay();
//         ^ leads to Cart.pay
type Handlers = { [name: string]: (cart: Cart) => void };
const handlers: Handlers = { first: (cart) => cart.pay() };
//                                                 ^ leads to Cart.pay
type Mixed = { own: { deep: Cart }; [name: string]: unknown };
declare const mixed: Mixed;
mixed.own.deep.pay();
//        ^ leads to Mixed.own.deep
//             ^ leads to Cart.pay
function values<T>(of: { [name: string]: T }): T[] { return Object.values(of); }
values(carts)[0].pay();
//               ^ leads to Cart.pay
values({ one: new Cart(), two: new Cart() })[0].pay();
//                                              ^ leads to Cart.pay
Object.values(carts).map((cart) => cart.pay());
//                                      ^ leads to Cart.pay
Object.entries(carts).map(([key, cart]) => cart.pay());
//                                              ^ leads to Cart.pay
class Shop { private held: { [name: string]: Cart } = {}; go() { return this.held[name].pay(); } }
//                                                                                      ^ leads to Cart.pay
const constant = { one: { cart: new Cart() }, two: { cart: new Cart() } };
Object.values(constant)[0].cart.pay();
//                              ^ leads to Cart.pay
