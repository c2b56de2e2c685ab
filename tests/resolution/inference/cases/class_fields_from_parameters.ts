class Cart { pay() {} }
class Shop {
  cart; list;
  constructor(cart: Cart) { this.cart = cart; this.list = [cart]; }
  run() { this.cart.pay(); this.list[0].pay(); }
//             ^ leads to Shop.cart
//                  ^ leads to Cart.pay
//                                      ^ leads to Cart.pay
}
Shop;
