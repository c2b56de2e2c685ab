function Cart() { this.shop = new Shop(); }
Cart.prototype.pay = function () { this.shop.sell(); return this; };
//                                      ^ leads to shop@1
//                                           ^ leads to Shop.sell
Cart.open = function () { return new Cart(); };
class Shop { sell() {} }
const cart = new Cart();
cart.pay().pay();
//   ^ leads to Cart.pay
//         ^ leads to Cart.pay
cart.shop.sell();
//   ^ leads to shop@1
//        ^ leads to Shop.sell
Cart.open().pay();
//   ^ leads to Cart.open
//          ^ leads to Cart.pay
