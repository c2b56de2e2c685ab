class Cart { pay() {} }
class Shop {
  constructor() { this.cart = new Cart(); var self = this; later(function () { self.cart.pay(); }); }
//                                                                                  ^ leads to Shop.cart
//                                                                                       ^ leads to Cart.pay
  run() { const that = this; return function () { that.cart.pay(); that.run(); }; }
//                                                     ^ leads to Shop.cart
//                                                          ^ leads to Cart.pay
//                                                                      ^ leads to Shop.run
}
function later(run) { run(); }
