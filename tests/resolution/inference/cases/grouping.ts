class Cart { pay() {} kind = ''; }
declare const carts: Cart[];
const by = carts.reduce<Record<string, Cart[]>>((all, cart) => {
  (all[cart.kind] ??= []).push(cart);
//          ^ leads to Cart.kind
  return all;
}, {});
by.x[0].pay();
//      ^ leads to Cart.pay
Object.entries(by).map(([, list]) => list[0].pay());
//                                           ^ leads to Cart.pay
Object.values(by).flat().forEach((cart) => cart.pay());
//                                              ^ leads to Cart.pay
const total = carts.reduce((sum, { kind }) => sum + kind, '');
//                                 ^ leads to Cart.kind
total.length;
//    ^ external
const index = new Map(carts.map((cart) => [cart.kind, cart]));
//                                              ^ leads to Cart.kind
index.get('')?.pay();
//             ^ leads to Cart.pay
const pairs = new Map(carts.map((cart) => [cart.kind, cart] as const));
pairs.get('')?.pay();
//             ^ leads to Cart.pay
