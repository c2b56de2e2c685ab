class Cart { pay() {} }
class Shop {
  constructor(given) {
    this.cart = new Cart();
    this.list = [new Cart()];
    this.given = given;
  }
  sell() {
    this.cart.pay();
//       ^ leads to Shop.cart
//            ^ leads to Cart.pay
    this.list[0].pay();
//               ^ leads to Cart.pay
    this.given.pay();
//             ^ unknown
  }
}
new Shop().cart.pay();
//         ^ leads to Shop.cart
//              ^ leads to Cart.pay
