class Cart { pay() {} }
const carts = Object.fromEntries([['a', new Cart()] as const]);
carts.a.pay();
//      ^ leads to Cart.pay
declare const shops: { one: Cart; two: Cart };
Object.values(shops)[0].pay();
//                      ^ leads to Cart.pay
Object.entries(shops).forEach(([, cart]) => cart.pay());
//                                               ^ leads to Cart.pay
Object.keys(shops).forEach((key) => key.length);
//                                      ^ gap: external
