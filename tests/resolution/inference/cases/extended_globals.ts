// @file: globals.d.ts
interface Array<T> { last(): T }
interface String { shout(): Shout }
interface Shout { loud: boolean }
// @file: more.ts
export {};
declare global {
  interface Window { shop: Shop }
  interface Promise<T> { quiet(): T }
  interface Shop { sell(): void }
  var shop: Shop;
}
// @file: main.ts
class Cart { pay() {} }
[new Cart()].last().pay();
//           ^ wrong: leads to Array.last
//                  ^ gap: leads to Cart.pay
'a'.shout().loud;
//  ^ wrong: leads to String.shout
//          ^ wrong: leads to Shout.loud
window.shop.sell();
//     ^ leads to Window.shop
//          ^ leads to Shop.sell
shop.sell();
//   ^ leads to Shop.sell
globalThis.shop.sell();
//         ^ leads to global.shop
//              ^ leads to Shop.sell
Promise.resolve(new Cart()).quiet().pay();
//                          ^ gap: leads to Promise.quiet
//                                  ^ gap: leads to Cart.pay
[new Cart()].map((cart) => cart.pay());
//                              ^ leads to Cart.pay
export {};
