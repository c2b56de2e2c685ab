class Cart { pay() {} }
class Shop {
  /** @returns {Cart} it */
  get returned() { return this._cart; }
  set returned(value) { value.pay(); }
//                            ^ leads to Cart.pay
  /** @type {Cart} */
  get typed() { return this._cart; }
  set typed(value) { value.pay(); }
//                         ^ leads to Cart.pay
  /** @param {Cart} value it */
  set taken(value) { value.pay(); }
//                         ^ leads to Cart.pay
  /** @type {Cart} */
  set nothing(value) { value.pay(); }
//                           ^ unknown
}
const shop = new Shop();
shop.returned.pay();
//            ^ leads to Cart.pay
shop.typed.pay();
//         ^ leads to Cart.pay
shop.taken.pay();
//         ^ leads to Cart.pay
