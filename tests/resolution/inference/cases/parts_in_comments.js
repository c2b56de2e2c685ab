class Cart { pay() {} }
class Purse { count() {} }
/**
 * @param {object} options  What to do.
 * @param {Cart} options.cart
 * @param {Purse} [options.purse]
 * @param {Object} options.deep
 * @param {Cart} options.deep.cart
 * @param {Cart} last
 */
function parts(options, last) {
  options.cart.pay();
  //      ^ leads to cart@5
  //           ^ leads to Cart.pay
  options.purse.count();
  //            ^ leads to Purse.count
  options.deep.cart.pay();
  //           ^ leads to cart@8
  //                ^ leads to Cart.pay
  last.pay();
  //   ^ leads to Cart.pay
}
/**
 * @param {Object} given
 * @param {Cart} given.cart
 * @param {Purse} given.purse
 */
function taken({ cart, purse: other }) {
  cart.pay();
  //   ^ leads to Cart.pay
  other.count();
  //    ^ leads to Purse.count
}
/** @typedef {{ cart: Cart }} Options */
/**
 * What has a name of its own has that type, whatever is said of its parts.
 *
 * @param {Options} options
 * @param {Purse} options.purse
 */
function named(options) {
  options.cart.pay();
  //           ^ leads to Cart.pay
  options.purse.count();
  //            ^ unknown
}
/**
 * @callback Payer
 * @param {object} options
 * @param {Cart} options.cart
 */
/** @type {Payer} */
const payer = (options) => options.cart.pay();
//                                      ^ leads to Cart.pay
/**
 * @typedef {object} Nested
 * @property {object} inner
 * @property {Cart} inner.cart
 * @property {Purse} purse
 */
/** @param {Nested} nested */
function ofTypedef(nested) {
  nested.inner.cart.pay();
  //                ^ leads to Cart.pay
  nested.purse.count();
  //           ^ leads to Purse.count
}
/**
 * @param {object} one
 * @param {Cart} two.cart  No part of the one before.
 * @param {object[]} list
 * @param {Cart} list[].cart
 * @param {Cart} last
 */
function misplaced(one, list, last) {
  one.cart.pay();
  //       ^ unknown
  list[0].cart.pay();
  //           ^ leads to Cart.pay
  last.pay();
  //   ^ leads to Cart.pay
}
// A call does not say what it takes.
parts({ cart: new Cart(), purse: undefined, deep: {} }, new Cart());
