class Cart { pay() {} }
class Purse { count() {} }
/**
 * @param {?Cart} may
 * @param {!Cart} must
 * @param {Cart=} could
 * @param {Array.<Cart>} list
 * @param {Array<Cart>} other
 * @param {Object<string, Cart>} byName
 * @param {function(Cart): Purse} made
 * @param {(Cart|null)} either
 * @param {...Cart} rest
 */
function closure(may, must, could, list, other, byName, made, either, ...rest) {
  may.pay();
  //  ^ leads to Cart.pay
  must.pay();
  //   ^ leads to Cart.pay
  could.pay();
  //    ^ leads to Cart.pay
  list[0].pay();
  //      ^ leads to Cart.pay
  other[0].pay();
  //       ^ leads to Cart.pay
  byName.first.pay();
  //           ^ leads to Cart.pay
  made(may).count();
  //        ^ wrong: leads to Purse.count
  either.pay();
  //     ^ leads to Cart.pay
  rest[0].pay();
  //      ^ leads to Cart.pay
}
/**
 * @template T
 * @param {T} one
 * @param {T[]} more
 * @returns {T}
 */
function pick(one, more) { return more[0] || one; }
pick(new Cart(), []).pay();
//                   ^ leads to Cart.pay
/**
 * @template {Cart} C
 * @param {C} cart
 */
function bounded(cart) {
  cart.pay();
  //   ^ leads to Cart.pay
}
/**
 * Both have what the comment says of them, and the bound is of the first.
 *
 * @template {Cart} C, P
 * @template [D=Purse]
 * @param {C} cart
 * @param {(cart: C) => P} make
 * @param {D[]} more
 * @returns {P}
 */
function made(cart, make, more) {
  cart.pay();
  //   ^ leads to Cart.pay
  return make(cart);
}
made(new Cart(), () => new Purse(), []).count();
//                                      ^ leads to Purse.count
made(new Cart(), (cart) => { cart.pay(); return null; }, []);
//                                ^ leads to Cart.pay
/** What another comment declares is no type here. @param {C} cart */
function unbounded(cart) {
  cart.pay();
  //   ^ external
}
/** @returns {Promise<Cart>} */
function later() { return Promise.resolve(new Cart()); }
later().then((cart) => cart.pay());
//                          ^ leads to Cart.pay
/**
 * @template T
 * @typedef {{ value: T }} Box
 */
/** @param {Box<Cart>} box */
function boxed(box) {
  box.value.pay();
  //        ^ leads to Cart.pay
}
/** @type {Map<string, Cart>} */
const carts = new Map();
carts.get('a').pay();
//             ^ leads to Cart.pay
for (const [, cart] of carts) cart.pay();
//                                 ^ leads to Cart.pay
class Base { /** @returns {Cart} */ cart() { return new Cart(); } }
/** @extends {Base} */
class Heir extends Base {
  run() { this.cart().pay(); }
  //                  ^ leads to Cart.pay
}
