class Cart { pay() {} }
/**
 * @param {Cart} [cart]
 * @param {Cart} [ spaced ]
 * @param {Cart} [other=null]  With a default.
 * @param {Cart} last
 */
function optional(cart, spaced, other, last) {
  cart.pay();
  //   ^ leads to Cart.pay
  spaced.pay();
  //     ^ leads to Cart.pay
  other.pay();
  //    ^ leads to Cart.pay
  last.pay();
  //   ^ leads to Cart.pay
}
/**
 * What is said of a part of an argument says nothing of the next argument.
 *
 * @param {object} options
 * @param {string} options.name
 * @param {string[]} [options.names]
 * @param {object[]} list
 * @param {string} list[].name
 * @param {Cart} cart
 */
function others(options, list, cart) {
  cart.pay();
  //   ^ leads to Cart.pay
}
/**
 * @callback Payer
 * @param {Cart} [cart]
 * @returns {void}
 */
/** @type {Payer} */
const payer = (cart) => cart.pay();
//                           ^ leads to Cart.pay
