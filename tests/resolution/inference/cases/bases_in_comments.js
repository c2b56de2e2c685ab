class Cart { pay() {} }
/** @template T */
class Shop {
  /** @type {T} */
  one;
  /** @returns {T} */
  take() { return this.one; }
}
/** @extends {Shop<Cart>} */
class Small extends Shop { more() { this.one.pay(); super.take().pay(); } }
//                                           ^ leads to Cart.pay
//                                                               ^ leads to Cart.pay
new Small().take().pay();
//                 ^ leads to Cart.pay
/** @augments Shop<Cart> */
class Bare extends Shop { more() { this.one.pay(); } }
//                                          ^ leads to Cart.pay
/**
 * @template U
 * @extends {Shop<U[]>}
 */
class Lists extends Shop {}
/** @type {Lists<Cart>} */
const lists = new Lists();
lists.one[0].pay();
//           ^ leads to Cart.pay
/**
 * @template T what is in it
 * @extends {Set<T>}
 */
class Sorted extends Set { constructor(given) { super(given); } }
/** @type {Sorted<Cart>} */
const sorted = new Sorted();
for (const one of sorted) one.pay();
//                            ^ leads to Cart.pay
sorted.forEach((one) => one.pay());
//                          ^ leads to Cart.pay
/** @extends {Map<string, Cart>} */
module.exports.Named = class Named extends Map { go() { this.get("a").pay(); } };
//                                                           ^ external
//                                                                    ^ leads to Cart.pay
