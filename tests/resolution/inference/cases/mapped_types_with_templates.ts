class Cart { pay() {} }
class Box<T> { content!: T; }
interface Shop { cart: Cart; carts: Cart[]; open: boolean }
type Boxed<T> = { [K in keyof T]: Box<T[K]> };
type Getters<T> = { [K in keyof T]: () => T[K] };
type Renamed<T> = { [K in keyof T as `get${string & K}`]: T[K] };
type Omitted<T, U> = { [K in keyof T as K extends U ? never : K]: T[K] };
type Picked<T, U extends keyof T> = { [K in U]: T[K] };
type Listed<T> = { [K in keyof T]: T[K][] };
declare const boxed: Boxed<Shop>, getters: Getters<Shop>, omitted: Omitted<Shop, 'open'>, picked: Picked<Shop, 'cart'>;
boxed.cart.content.pay();
//    ^ leads to Shop.cart
//         ^ leads to Box.content
//                 ^ leads to Cart.pay
getters.cart().pay();
//             ^ leads to Cart.pay
omitted.cart.pay(), omitted.open;
//      ^ leads to Shop.cart
//           ^ leads to Cart.pay
//                          ^ unknown
picked.cart.pay();
//     ^ leads to Shop.cart
//          ^ leads to Cart.pay
declare const tuple: Boxed<[Cart, Shop]>, array: Boxed<Cart[]>, listed: Listed<Shop>;
tuple[0].content.pay(), array[0].content.pay(), listed.cart[0].pay();
//               ^ leads to Cart.pay
//                                       ^ leads to Cart.pay
//                                                             ^ leads to Cart.pay
function refs<T extends object>(of: T): Boxed<T> { throw of; }
refs({ cart: new Cart() }).cart.content.pay();
//                         ^ leads to local cart@30
//                                      ^ leads to Cart.pay
type Joined<A, B> = Omitted<A, keyof B> & B;
declare const joined: Joined<{ cart: number; at: Cart }, { cart: Cart }>;
joined.cart.pay(), joined.at.pay();
//     ^ leads to local cart@34
//          ^ leads to Cart.pay
//                           ^ leads to Cart.pay
declare const renamed: Renamed<Shop>;
renamed.cart;
//      ^ unknown
class Till { pay() {} }
type Join<A extends any[], B extends any[]> = [...A, ...B];
declare const pair: Boxed<[Cart, Till]>, join: Join<[Cart], [Till, Cart]>;
pair[1].content.pay(), join[1].pay(), join[2].pay();
//              ^ leads to Till.pay
//                             ^ leads to Till.pay
//                                            ^ leads to Cart.pay
