class Cart { pay() {} }
const set = new Set<Cart>(), map = new Map<string, Cart[]>(), nested = new Map<string, Map<string, Cart>>();
set.has(new Cart());
//  ^ gap: external
map.get('')![0].pay();
//              ^ leads to Cart.pay
for (const [, carts] of map) for (const cart of carts) cart.pay();
//                                                          ^ leads to Cart.pay
nested.get('')?.get('')?.pay();
//                       ^ leads to Cart.pay
map.set('', []).get('')?.[0].pay();
//                           ^ leads to Cart.pay
const record: Record<string, Set<Cart>> = {};
record.a.forEach((cart) => cart.pay());
//                              ^ leads to Cart.pay
