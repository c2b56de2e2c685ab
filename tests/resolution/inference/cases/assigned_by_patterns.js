// @file: shops.js
class Cart { pay() {} }
class Shop { sell() {} pay() {} }
module.exports = { Cart, Shop };
// @file: main.js
let Cart, Shop, cart, shop, either, first, known;
before(() => {
  ({ Cart, Shop } = require('./shops'));
  [first] = [new Shop()];
});
beforeEach(() => {
  cart = new Cart();
  shop ??= new Shop();
  either = cart;
  either = shop;
  known = new Cart();
  known = require('elsewhere').made()[0];
});
it('pays', () => {
  cart.pay();
  //   ^ leads to Cart.pay
  shop.sell();
  //   ^ leads to Shop.sell
  first.sell();
  //    ^ leads to Shop.sell
  either.pay();
  //     ^ heuristic Cart.pay or Shop.pay
  either.sell();
  //     ^ leads to Shop.sell
  known.pay();
  //    ^ leads to Cart.pay
});
// @file: documented.js
/** @typedef {typeof import('./shops').Shop} Shop */
/** @type {Shop} */
let Shop;
/** @type {typeof import('./shops').Cart} */
let Cart;
new Shop().sell();
//         ^ leads to Shop.sell
new Cart().pay();
//         ^ leads to Cart.pay
// @file: members.js
const { Cart, Shop } = require('./shops');
class Street {
  constructor() {
    this.cart = undefined;
    this.shop = new Shop();
  }
  open() {
    this.cart = new Cart();
    this.shop = new Cart();
  }
  run() {
    this.cart.pay();
    //        ^ leads to Cart.pay
    this.shop.sell();
    //        ^ leads to Shop.sell
  }
}
