class Cart { pay() { return this; } }
class User { ban() {} }
/** @typedef {(cart: Cart) => void} Handle */
/**
 * @param {...Handle} handlers
 * @returns {Handle}
 */
function sequence(...handlers) { handlers[0](new Cart()); return handlers[0]; }
sequence((cart) => cart.pay(), (cart) => { cart.pay(); });
//                      ^ leads to Cart.pay
//                                              ^ leads to Cart.pay
/** @param {...Cart} carts */
function all(...carts) {
  carts[0].pay();
//         ^ leads to Cart.pay
  for (const one of carts) one.pay();
//                             ^ leads to Cart.pay
}
/** @param {Cart[]} carts */
function list(...carts) { carts[0].pay(); }
//                                 ^ leads to Cart.pay
/** @param {...Cart} cart */
function one(cart) { cart.pay(); }
//                        ^ leads to Cart.pay
class Shop {
  /**
   * @param {string} name
   * @param {...Cart} carts
   */
  add(name, ...carts) { carts.map((one) => one.pay()); }
//                                             ^ leads to Cart.pay
}
/**
 * @param {Cart} cart
 * @param {User} user
 */
function otherwise(user, cart) {
  user.ban();
//     ^ leads to User.ban
  cart.pay();
//     ^ leads to Cart.pay
}
/** @param {Cart} cart */
function second(first, cart = new Cart()) { cart.pay(); }
//                                               ^ leads to Cart.pay
/**
 * @param {{ cart: Cart }} options
 * @param {User} user
 */
function taken({ cart }, user) {
  cart.pay();
//     ^ leads to Cart.pay
  user.ban();
//     ^ leads to User.ban
}
