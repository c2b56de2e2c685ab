class Cart {
  static shared = new Cart();
  static open() { return this.shared; }
//                            ^ leads to Cart.shared
  static close = () => Cart.open();
//                          ^ leads to Cart.open
  pay() {}
}
Cart.shared.pay();
//   ^ leads to Cart.shared
//          ^ leads to Cart.pay
Cart.open().pay();
//          ^ leads to Cart.pay
Cart.pay;
//   ^ unknown
new Cart().open;
//         ^ unknown
