const Shop = require("./shop.js");
const { Cart, User } = Shop;
new Cart().pay();
//         ^ leads to Cart.pay
new User().ban();
//         ^ leads to User.ban
new Shop.Cart().pay();
//              ^ leads to Cart.pay
new Shop().open().first.pay();
//         ^ leads to Shop.open
//                      ^ leads to Cart.pay
Shop.sell.only().pay();
//        ^ leads to sell.only
//               ^ leads to Cart.pay
function look(of) {
  if (of instanceof Shop) of.first.pay();
//                                 ^ leads to Cart.pay
}
class Store extends Shop { run() { this.first.pay(); } }
//                                            ^ leads to Cart.pay
// @file: shop.js
const { Cart } = require("./cart.js");
exports = module.exports = Shop;
exports.Cart = Cart;
exports.User = require("./cart.js").User;
function Shop() {
  this.first = new exports.Cart();
  this.first.pay();
//           ^ leads to Cart.pay
}
Shop.prototype.open = function () {
  this.first.pay();
//           ^ leads to Cart.pay
  return this;
};
exports.sell = function () { return new exports.Cart(); };
exports.sell.only = function () { return new Cart(); };
exports.sell.only().pay();
//           ^ leads to sell.only
//                  ^ leads to Cart.pay
exports.again = exports.sell.only;
//                           ^ leads to sell.only
// @file: cart.js
class Cart { pay() {} }
class User { ban() {} }
module.exports = { Cart, User };
