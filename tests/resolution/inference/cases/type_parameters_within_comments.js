class Cart { pay() {} }
class User { ban() {} }
/** @returns {any} */
function make() { return null; }
/** @typedef {{ cart: Cart, user: User }} Shop */
/** @type {{ [K in keyof Shop]: { of: Shop[K] } }} */
const held = make();
held.cart.of.pay();
//           ^ leads to Cart.pay
held.user.of.ban();
//           ^ leads to User.ban
/** @type {<T>(of: T) => { of: T }} */
const hold = make();
hold(new Cart()).of.pay();
//                  ^ leads to Cart.pay
/** @type {(Promise<Cart> extends Promise<infer U> ? U : never)} */
const settled = make();
settled.pay();
//      ^ leads to Cart.pay
/**
 * @template {{ inside: any }} H
 * @template {H extends { inside: infer H } ? H : never} I
 * @param {H} of
 * @param {(inside: I) => void} then
 */
function open(of, then) {
  then(of.inside);
  return /** @type {I} */ (of.inside);
}
open({ inside: new Cart() }, () => {}).pay();
//                                     ^ leads to Cart.pay
const later = {
  /** @template {Cart} T @param {T} of */
  run(of) {
    /** @type {T[]} */
    const all = [of];
    all[0].pay();
//         ^ leads to Cart.pay
  },
};
