interface Cart { total: number }
class Till { ring(): void {} }
declare const cart: Cart, till: Till;
type Callable = (...args: any[]) => any;
interface Make {
  <Recipe extends Callable>(recipe: Recipe): { made: Recipe };
  <State, Recipe extends Function>(recipe: Recipe, initial: State): { curried: State };
  <Base>(base: Base, recipe: (draft: Base) => void, listener?: () => void): { plain: Base };
}
declare const make: Make;
make(cart, (draft) => { draft.total; }).plain.total;
//                            ^ leads to Cart.total
//                                      ^ leads to local plain@8
//                                            ^ leads to Cart.total
make({ price: 1 }, (draft) => { draft.price; }).plain.price;
//                                    ^ leads to local price@15
//                                                    ^ leads to local price@15
make([cart], (draft) => { draft[0].total; }).plain[0].total;
//                                 ^ leads to Cart.total
//                                                    ^ leads to Cart.total
const shop = { open: { hours: 8 } };
make(shop, (draft) => { draft.open.hours; }).plain.open;
//                                 ^ leads to hours@21
//                                                 ^ leads to shop.open
make(() => cart, cart).curried.total;
//                     ^ leads to local curried@7
//                             ^ leads to Cart.total
make(Till, cart).curried.total;
//               ^ leads to local curried@7
make(() => cart).made().total;
//               ^ leads to local made@6
//                      ^ leads to Cart.total
interface Named { name: string }
interface Priced { price: number }
declare const priced: Priced;
declare function pick<T extends Named>(one: T): { named: T };
declare function pick<T extends Priced>(one: T): { priced: T };
pick(priced).priced.price;
//           ^ leads to local priced@37
//                  ^ leads to Priced.price
pick({ price: 1 }).priced.price;
//                 ^ leads to local priced@37
pick({ name: "a" }).named.name;
//                  ^ leads to local named@36
declare function of<T extends number>(one: T): { digits: T };
declare function of<T extends string>(one: T): { letters: T };
of("a").letters;
//      ^ leads to local letters@46
of(1).digits;
//    ^ leads to local digits@45
declare function each<T extends Named>(of: T[]): { names: T };
declare function each<T extends Priced>(of: T[]): { prices: T };
each([priced]).prices.price;
//             ^ leads to local prices@52
//                    ^ leads to Priced.price
