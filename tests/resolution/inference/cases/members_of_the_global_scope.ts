import "./globals";
globalThis.cart.pay();
//         ^ leads to cart
//              ^ leads to Cart.pay
window.cart.pay();
//          ^ leads to Cart.pay
self.cart.pay();
//        ^ leads to Cart.pay
globalThis.shop.carts[0].pay();
//                       ^ leads to Cart.pay
globalThis.make().pay();
//         ^ leads to make
//                ^ leads to Cart.pay
globalThis.later ??= [];
//         ^ leads to later
const scope = globalThis;
scope.cart.pay();
//         ^ leads to Cart.pay
function run() { const { cart } = globalThis; cart.pay(); }
//                                                 ^ leads to Cart.pay
window.added.pay();
//           ^ leads to Cart.pay
globalThis.undeclared.pay();
//                    ^ external
globalThis.Till;
//         ^ external
// @file: globals.ts
import { Cart } from "./cart";
declare global {
  var cart: Cart;
  var later: number[] | undefined;
  var shop: { carts: Cart[] };
  function make(): Cart;
  class Till { open(): void }
  interface Window { added: Cart }
}
// @file: cart.ts
export class Cart { pay() {} }
