// What a class makes is told by a function that gives it, also where another argument waits for that.
// @file: main.ts
class Cart { coin = new Coin(); }
class Coin { spend() {} }
type Made<T> = { new (): T } | Function;
interface Type<T> extends Function { new (...given: any[]): T }
declare function one<T>(of: () => Made<T>, by: (one: T) => any): T;
declare function two<T>(of: string | ((type?: any) => Made<T>), options?: { eager: boolean }): T;
declare function two<T>(of: string | ((type?: any) => Made<T>), by?: string | ((one: T) => any)): T;
declare function three<T>(of: Type<T>, by: (one: T) => any): T;
declare function relate(by: () => object): any;
one(() => Cart, (of) => of.coin).coin.spend();
//                         ^ leads to Cart.coin
//                               ^ leads to Cart.coin
//                                    ^ leads to Coin.spend
two(() => Cart, (of) => of.coin).coin;
//                         ^ leads to Cart.coin
//                               ^ leads to Cart.coin
two(() => Cart, { eager: true }).coin;
//                               ^ leads to Cart.coin
three(Cart, (of) => of.coin).coin;
//                     ^ leads to Cart.coin
//                           ^ leads to Cart.coin
class Owner { @(two(() => Owned, (of) => of.owner) as any) owned!: Owned; }
//                                          ^ leads to Owned.owner
class Owned { @(two(() => Owner, (of) => of.owned) as any) owner!: Owner; }
//                                          ^ leads to Owner.owned
