class Cart { pay() {} }
declare const carts: Record<string, Cart>, named: Record<'a' | 'b', Cart>;
carts['x'].pay();
//         ^ leads to Cart.pay
carts.any.pay();
//        ^ leads to Cart.pay
named.a.pay();
//      ^ leads to Cart.pay
for (const cart of Object.values(carts)) cart.pay();
//                                            ^ leads to Cart.pay
for (const [key, cart] of Object.entries(carts)) { cart.pay(); key.length; }
//                                                      ^ leads to Cart.pay
//                                                                 ^ external
const found = carts[Math.random()];
found.pay();
//    ^ leads to Cart.pay
