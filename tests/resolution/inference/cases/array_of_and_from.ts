class Cart { pay() {} }
declare const set: Set<Cart>;
Array.from(set)[0].pay();
//                 ^ leads to Cart.pay
Array.from(set, (cart) => { cart.pay(); return cart; })[0].pay();
//                               ^ leads to Cart.pay
//                                                         ^ leads to Cart.pay
Array.of(new Cart())[0].pay();
//                      ^ leads to Cart.pay
Array.from({ length: 3 }, () => new Cart())[0].pay();
//                                             ^ leads to Cart.pay
