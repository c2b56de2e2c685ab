// @file: lib.js
export class Cart { pay() {} }
export default class Purse { count() {} }
// @file: shop.cjs
class Shop { open() {} }
module.exports = Shop;
// @file: named.js
/** @import { Cart, Cart as Basket } from './lib' */
/** @param {Cart} cart @param {Basket} basket */
function named(cart, basket) {
  cart.pay();
  //   ^ leads to Cart.pay
  basket.pay();
  //     ^ leads to Cart.pay
}
// @file: lines.js
/**
 * @import Purse, {
 *   type Cart
 * } from "./lib"
 */
/**
 * @param {Purse} purse
 * @param {Cart[]} carts
 */
function lines(purse, carts) {
  purse.count();
  //    ^ leads to Purse.count
  carts[0].pay();
  //       ^ leads to Cart.pay
}
// @file: namespace.js
/** @import * as lib from './lib' */
/** @type {lib.Cart} */
let cart;
cart.pay();
//   ^ leads to Cart.pay
// @file: whole.js
/** @param {import('./shop.cjs')} shop */
function whole(shop) {
  shop.open();
  //   ^ leads to Shop.open
}
/** @param {import('./lib').default} purse */
function byDefault(purse) {
  purse.count();
  //    ^ leads to Purse.count
}
// @file: gone.js
/** @import { Cart } from './nowhere' */
/** @param {Cart} cart */
function gone(cart) {
  cart.pay();
  //   ^ unknown
}
