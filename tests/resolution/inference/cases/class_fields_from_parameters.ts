class Cart { pay() {} }
class Shop {
  cart; list;
  constructor(cart: Cart) { this.cart = cart; this.list = [cart]; }
  run() { this.cart.pay(); this.list[0].pay(); }
//             ^ leads to Shop.cart
//                  ^ gap: leads to Cart.pay
//                                      ^ gap: leads to Cart.pay
}
Shop;
