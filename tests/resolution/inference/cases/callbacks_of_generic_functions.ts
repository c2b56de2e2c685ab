class Cart { pay() {} shop = new Shop(); }
class Shop { sell() {} }
declare function map<T, U>(of: T[], change: (one: T) => U): U[];
declare const carts: Cart[];
map(carts, (cart) => cart.shop)[0].sell();
//                        ^ leads to Cart.shop
//                                 ^ leads to Shop.sell
declare function using<T>(make: () => T, use: (made: T) => void): void;
using(() => new Cart(), (cart) => cart.pay());
//                                     ^ leads to Cart.pay
declare function build<T>(options: { make: () => T; use: (made: T) => void }): T;
build({ make: () => new Cart(), use: (cart) => cart.pay() }).pay();
//                                                  ^ leads to Cart.pay
//                                                           ^ leads to Cart.pay
