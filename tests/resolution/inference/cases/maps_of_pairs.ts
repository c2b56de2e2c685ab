class Coin { toss() {} }
class Cart { id = ''; coin = new Coin(); pay() {} }
declare const carts: Cart[];
new Map(carts.map((cart) => [cart.id, cart])).get('a')?.pay();
//                                                      ^ leads to Cart.pay
const coins = new Map(carts.map((cart) => [cart, cart.coin]));
coins.get(carts[0])?.toss();
//                   ^ leads to Coin.toss
for (const [cart, coin] of coins) { cart.pay(); coin.toss(); }
//                                       ^ leads to Cart.pay
//                                                   ^ leads to Coin.toss
new Map(carts.map((cart) => { return [cart.id, cart]; })).get('a')?.pay();
//                                                                  ^ leads to Cart.pay
new Map(carts.flatMap((cart) => [[cart.id, cart]])).get('a')?.pay();
//                                                            ^ leads to Cart.pay
new Map(Array.from(carts, (cart) => [cart.id, cart])).get('a')?.pay();
//                                                              ^ leads to Cart.pay
new WeakMap(carts.map((cart) => [cart, cart.coin])).get(carts[0])?.toss();
//                                                                 ^ leads to Coin.toss
const byId = Object.fromEntries(carts.map((cart) => [cart.id, cart]));
byId.a.pay();
//     ^ leads to Cart.pay
byId['b'].pay();
//        ^ leads to Cart.pay
Object.values(byId).map((cart) => cart.coin.toss());
//                                     ^ leads to Cart.coin
//                                          ^ leads to Coin.toss
Object.fromEntries(Object.entries(byId).map(([id, cart]) => [id, cart.coin])).a.toss();
//                                                                              ^ leads to Coin.toss
const flat = carts.map((cart) => [cart, cart]);
flat[0][1].pay();
//         ^ leads to Cart.pay
Object.groupBy(carts, (cart) => cart.coin.toss ? cart.id : '').a?.[0].pay();
//                                   ^ leads to Cart.coin
//                                                                    ^ leads to Cart.pay
Map.groupBy(carts, (cart) => cart.coin).get(carts[0].coin)?.[0].pay();
//                                ^ leads to Cart.coin
//                                                              ^ leads to Cart.pay
for (const [coin, some] of Map.groupBy(carts, (cart) => cart.coin)) { coin.toss(); some[0].pay(); }
//                                                                         ^ leads to Coin.toss
//                                                                                         ^ leads to Cart.pay
