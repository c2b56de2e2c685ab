class Cart { pay() {} }
/** @template T */
class List {
  /** @param {T[]} items */
  constructor(items) {
    /** @type {T[]} */
    this.items = items;
  }
  /** @returns {T} */
  first() { return this.items[0]; }
  /** @template U @param {(one: T) => U} map @returns {List<U>} */
  map(map) { return new List(this.items.map(map)); }
}
/** @type {List<Cart>} */
const carts = new List([]);
carts.first().pay();
//            ^ leads to Cart.pay
carts.items[0].pay();
//             ^ leads to Cart.pay
carts.map((one) => one.pay());
//                     ^ leads to Cart.pay
new List([new Cart()]).first().pay();
//                             ^ leads to Cart.pay
/** @template {Cart} T */
class Bounded {
  /** @param {T} given */
  run(given) { given.pay(); }
//                   ^ leads to Cart.pay
}
new Bounded();
