class Cart { pay() {} }
class Key { open() {} }
const map = new Map<Key, Cart>();
map.get(new Key())?.pay();
//                  ^ leads to Cart.pay
map.forEach((cart, key) => { cart.pay(); key.open(); });
//                                ^ leads to Cart.pay
//                                           ^ leads to Key.open
for (const [key, cart] of map) { key.open(); cart.pay(); }
//                                   ^ leads to Key.open
//                                                ^ leads to Cart.pay
for (const cart of map.values()) cart.pay();
//                                    ^ leads to Cart.pay
[...map.keys()][0].open();
//                 ^ leads to Key.open
[...map.entries()].map(([key, cart]) => { key.open(); cart.pay(); });
//                                            ^ leads to Key.open
//                                                         ^ leads to Cart.pay
Array.from(map.values()).map((cart) => cart.pay());
//                                          ^ leads to Cart.pay
map.size;
//  ^ gap: external
const filled = new Map([['a', new Cart()]]);
filled.get('a')!.pay();
//               ^ leads to Cart.pay
