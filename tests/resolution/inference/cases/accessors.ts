class Cart { pay() {} }
class Shop {
  private held = new Cart();
  get cart() { return this.held; }
  get typed(): Cart { return this.held; }
  set only(cart: Cart) { this.held = cart; }
  static get shared() { return new Cart(); }
}
const shop = new Shop();
shop.cart.pay();
//   ^ leads to Shop.cart
//        ^ leads to Cart.pay
shop.typed.pay();
//   ^ leads to Shop.typed
//         ^ leads to Cart.pay
shop.only = new Cart();
//   ^ leads to Shop.only
Shop.shared.pay();
//   ^ leads to Shop.shared
//          ^ leads to Cart.pay
const object = { get cart() { return new Cart(); } };
object.cart.pay();
//     ^ leads to object.cart
//          ^ leads to Cart.pay
