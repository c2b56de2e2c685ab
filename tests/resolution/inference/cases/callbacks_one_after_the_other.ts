class Coin { toss() {} }
class Purse { coins: Coin[] = []; first(): Coin { return this.coins[0]; } }
class Cart { purse = new Purse(); pay() {} }
declare const cart: Cart;
declare function pipe<A, B, C>(a: A, f: (a: A) => B, g: (b: B) => C): C;
pipe(cart, (one) => one.purse, (purse) => purse.first()).toss();
//                      ^ leads to Cart.purse
//                                              ^ leads to Purse.first
//                                                       ^ leads to Coin.toss
pipe(cart, (one: Cart) => one.purse, ({ coins }) => coins[0]).toss();
//                                      ^ leads to Purse.coins
//                                                            ^ leads to Coin.toss
declare function both<S, A, B, R>(a: (s: S) => A, b: (s: S) => B, c: (a: A, b: B) => R): (s: S) => R;
both((s: Cart) => s.purse, (s: Cart) => s, (purse, s) => { purse.first(); s.pay(); return s; })(cart).pay();
//                                                               ^ leads to Purse.first
//                                                                          ^ leads to Cart.pay
//                                                                                                    ^ leads to Cart.pay
declare function before<A, B>(g: (b: B) => A, f: (a: A) => B): A;
before((b) => b.purse, (a) => cart);
//              ^ unknown
interface Mutation<D, V> { send: (v: V) => Promise<D>; done?: (d: D, v: V) => void }
declare function mutation<D, V = void>(of: Mutation<D, V>): { run(v: V): void; data?: D };
async function buy(one: Cart) { return one.purse; }
mutation({ send: (one: Cart) => buy(one), done: (purse, one) => { purse.first(); one.pay(); } });
//                                                                      ^ leads to Purse.first
//                                                                                   ^ leads to Cart.pay
mutation({ send: async (one: Cart) => buy(one), done(purse, one) { purse.first(); one.pay(); } });
//                                                                       ^ leads to Purse.first
//                                                                                    ^ leads to Cart.pay
interface Query<T, S> { key: string; load: (context: Cart) => T; pick: (data: T) => S; each?: (picked: S) => void }
declare function query<T, S>(of: Query<T, S>): S;
query({ key: "a", load: (one) => one.purse, pick: (data) => data.first(), each: (coin) => coin.toss() }).toss();
//                                   ^ leads to Cart.purse
//                                                               ^ leads to Purse.first
//                                                                                             ^ leads to Coin.toss
//                                                                                                       ^ leads to Coin.toss
query({ key: "b", pick: (data) => data.first(), load: (one) => one.purse });
//                                     ^ unknown
//                                                                 ^ leads to Cart.purse
declare const shared: { load: (context: Cart) => Purse };
query({ ...shared, key: "c", pick: (data) => data.first() }).toss();
//                                                ^ leads to Purse.first
//                                                           ^ leads to Coin.toss
