class Cart { pay() { return this; } }
class User { ban() { return this; } }
/** @returns {any} */
function make() { return null; }
/**
 * @template T
 * @typedef {object} Box
 * @property {T} inside
 * @property {Box<T>} next
 */
/** @type {Box<Cart>} */
const box = make();
box.inside.pay();
//         ^ leads to Cart.pay
box.next.next.inside.pay();
//                   ^ leads to Cart.pay
/** @type {Box<Box<User>>} */
const boxes = make();
boxes.inside.inside.ban();
//                  ^ leads to User.ban
/**
 * @template T
 * @param {Box<T>} of
 * @returns {T}
 */
function open(of) { return of.inside; }
open(box).pay();
//        ^ leads to Cart.pay
open(boxes).inside.ban();
//                 ^ leads to User.ban
/**
 * @template K, V
 * @typedef {{ key: K, value: V }} Pair
 */
/** @type {Pair<Cart, User>} */
const pair = make();
pair.key.pay();
//       ^ leads to Cart.pay
pair.value.ban();
//         ^ leads to User.ban
/**
 * @template A
 * @template B
 * @callback Change
 * @param {A} of
 * @returns {B}
 */
/** @type {Change<Cart, User>} */
const change = (cart) => cart.pay() && make();
//                            ^ leads to Cart.pay
change(make()).ban();
//             ^ leads to User.ban
/**
 * @template T
 * @typedef {T extends Promise<infer U> ? U : T} Settled
 */
/** @type {Settled<Promise<Cart>>} */
const settled = make();
settled.pay();
//      ^ leads to Cart.pay
/** @type {Settled<User>} */
const same = make();
same.ban();
//   ^ leads to User.ban
/**
 * @template [T=Cart]
 * @template [L=Array<[T]>]
 * @typedef {{ one: T, list: L }} Held
 */
/** @type {Held} */
const held = make();
held.one.pay();
//       ^ leads to Cart.pay
held.list[0][0].pay();
//              ^ leads to Cart.pay
/** @type {Held<User>} */
const other = make();
other.one.ban();
//        ^ leads to User.ban
other.list[0][0].ban();
//               ^ leads to User.ban
/**
 * @template {Cart} [T=Cart]
 * @typedef {{ all: [T] }} Limited
 */
/** @type {Limited} */
const limited = make();
limited.all[0].pay();
//             ^ leads to Cart.pay
/**
 * @template {{ of: any }} [H={ of: Cart }]
 * @typedef {{ held: H }} Holding
 */
/** @type {Holding} */
const holding = make();
holding.held.of.pay();
//              ^ gap: leads to Cart.pay
