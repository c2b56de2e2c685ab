class Cart { pay() {} }
class Shop {
  make = () => new Cart();
  each = (run: (cart: Cart) => void) => run(new Cart());
  load = async () => this.make();
//                        ^ leads to Shop.make
}
const shop = new Shop();
shop.make().pay();
//   ^ leads to Shop.make
//          ^ leads to Cart.pay
shop.each((cart) => cart.pay());
//   ^ leads to Shop.each
//                       ^ leads to Cart.pay
shop.load().then((cart) => cart.pay());
//   ^ leads to Shop.load
//                              ^ leads to Cart.pay
const make = shop.make;
make().pay();
//     ^ leads to Cart.pay
const { load } = shop;
//      ^ leads to Shop.load
load().then((cart) => cart.pay());
//                         ^ leads to Cart.pay
