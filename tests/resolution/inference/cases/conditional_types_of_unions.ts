class Cart { pay() {} of = 1; }
class Shop { sell() {} of = 1; }
class Box<T> { content!: T; }
type Boxed<T> = T extends any ? Box<T> : never;
type Without<T, U> = T extends U ? never : T;
type Only<T, U> = T extends U ? T : never;
type AsOne<T> = [T] extends [Shop] ? Shop : Cart;
declare const boxed: Boxed<Cart>, without: Without<Cart | Shop, Shop>, only: Only<Cart | Shop, Shop>;
boxed.content.pay();
//            ^ leads to Cart.pay
without.of;
//      ^ leads to Cart.of
only.of;
//   ^ leads to Shop.of
declare const one: AsOne<Cart>, other: AsOne<Shop>;
one.pay(), other.sell();
//  ^ leads to Cart.pay
//               ^ leads to Shop.sell
interface Named { name: string }
interface Item extends Named { price: number }
type Priced<T> = T extends { price: number } ? Cart : T extends Named ? Shop : never;
declare const priced: Priced<Item>, named: Priced<Named>;
priced.pay(), named.sell();
//     ^ leads to Cart.pay
//                  ^ leads to Shop.sell
type Kind<T> = T extends string ? Cart : T extends Function ? Shop : Box<T>;
declare const text: Kind<'a'>, call: Kind<() => void>, rest: Kind<Cart>;
text.pay(), rest.content.pay();
//   ^ leads to Cart.pay
//               ^ leads to Box.content
//                       ^ leads to Cart.pay
function lookup<K extends 'cart' | 'shop'>(_: K): K extends 'cart' ? Cart : Shop { throw 1; }
lookup('cart').pay(), lookup('shop').sell();
//             ^ leads to Cart.pay
//                                   ^ leads to Shop.sell
type Any<T> = 0 extends 1 & T ? Shop : Cart;
declare const not: Any<Cart>;
not.pay();
//  ^ leads to Cart.pay
function undecided<T>(of: T extends Cart ? Box<Cart> : Box<Shop>) { return of.content; }
//                                                                            ^ gap: heuristic Box.content
undecided; call;
type Fixed<T> = T extends [any, ...any] ? Cart : Shop;
declare const array: Fixed<Cart[]>, tuple: Fixed<[Cart]>;
array.of, tuple.of;
//    ^ leads to Shop.of
//              ^ leads to Cart.of
const open = { ...JSON.parse('{}'), name: '' };
type Sold<T> = [T] extends [{ price: number }] ? Cart : Shop;
declare const sold: Sold<typeof open>, unsold: Sold<{ name: string }>;
sold.of, unsold.of;
//   ^ heuristic Cart.of or Shop.of
//              ^ leads to Shop.of
type Texts<T> = [T] extends [string] ? Cart : Shop;
declare const mixed: Texts<'a' | 2>, texts: Texts<'a' | 'b'>;
mixed.of, texts.of;
//    ^ heuristic Cart.of or Shop.of
//              ^ leads to Cart.of
declare function sell<T>(of: T): Sold<T>;
function spread(given: any) { return sell({ ...given, name: '' }).of; }
//                                                                ^ heuristic Cart.of or Shop.of
spread;
