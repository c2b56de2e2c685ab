class Cart {
  static open() { return new Shop(); }
  open() { return this; }
  static shop = 1;
  shop = new Shop();
  run() { this.open().shop.sell(); }
//             ^ leads to open@3
//                    ^ leads to shop@5
//                         ^ leads to Shop.sell
  static go() { this.open().sell(); }
//                   ^ leads to open@2
//                          ^ leads to Shop.sell
}
class Shop { sell() {} }
Cart.open().sell();
//   ^ leads to open@2
//          ^ leads to Shop.sell
new Cart().open().shop.sell();
//         ^ leads to open@3
//                ^ leads to shop@5
//                     ^ leads to Shop.sell
