class Cart { pay() {} }
class Shop {
  readonly one = new Cart();
  private static readonly two = new Cart();
  protected three? = new Cart();
  static run() { Shop.two.pay(); new Shop().one.pay(); }
//                    ^ leads to Shop.two
//                        ^ leads to Cart.pay
//                                          ^ leads to Shop.one
//                                              ^ leads to Cart.pay
  go() { this.three?.pay(); }
//            ^ leads to Shop.three
//                   ^ leads to Cart.pay
}
Shop;
