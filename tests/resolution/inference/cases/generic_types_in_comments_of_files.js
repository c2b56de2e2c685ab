/** @typedef {import("./types.js").Box<Cart>} CartBox */
/**
 * @template T
 * @typedef {import("./types.js").Box<T>} Box<T>
 */
/** @param {CartBox} box */
function one(box) { box.inside.pay(); }
//                             ^ leads to Cart.pay
/** @param {Box<User>} box */
function two(box) { box.all[0].ban(); }
//                             ^ leads to User.ban
/** @param {import("./types.js").Boxes<Cart>} boxes */
function three(boxes) {
  boxes.get("a").inside.pay();
//                      ^ leads to Cart.pay
  for (const [, box] of boxes) box.inside.pay();
//                                        ^ leads to Cart.pay
}
/**
 * @template T
 * @param {import("./types.js").Box<T>} of
 * @returns {T}
 */
function open(of) { return of.inside; }
/** @param {CartBox} box */
function four(box) { open(box).pay(); }
//                             ^ leads to Cart.pay
class Plugin {
  /** @param {Box<Cart>} options */
  apply(options) { this.use(options).pay(); }
//                                   ^ leads to Cart.pay
  /**
   * @template T
   * @param {Box<T>} of
   * @returns {T}
   */
  use(of) { return of.inside; }
}
const { Cart, User } = require("./types.js");
// @file: types.js
class Cart { pay() {} }
class User { ban() {} }
/**
 * @template T
 * @typedef {{ inside: T, all: T[] }} Box
 */
/**
 * @template T
 * @typedef {Map<string, Box<T>>} Boxes
 */
module.exports = { Cart, User };
