class Cart { pay() {} }
declare const carts: Cart[], set: Set<Cart>;
for (const cart of carts) cart.pay();
//                             ^ leads to Cart.pay
for (let cart of set) { cart.pay(); }
//                           ^ leads to Cart.pay
for (const cart of [new Cart()]) cart.pay();
//                                    ^ leads to Cart.pay
for (const [at, cart] of carts.entries()) { at.toFixed(); cart.pay(); }
//                                             ^ external
//                                                             ^ leads to Cart.pay
for (const { pay } of carts) pay();
//           ^ leads to Cart.pay
for (const key in carts) key.length;
//                           ^ external
