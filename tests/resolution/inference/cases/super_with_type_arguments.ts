class Cart { pay() {} }
class Shop<T> {
  one: T;
  take(): T { return this.one; }
  get first(): T { return this.one; }
  static make(): Shop<Cart> { return new Shop(); }
}
class Small extends Shop<Cart> {
  field = super.take().pay();
//                     ^ leads to Cart.pay
  more() {
    super.take().pay();
//        ^ leads to Shop.take
//               ^ leads to Cart.pay
    super.first.pay();
//              ^ leads to Cart.pay
    (() => super.take().pay())();
//                      ^ leads to Cart.pay
  }
  static make() {
    super.make().one.pay();
//        ^ leads to Shop.make
//                   ^ leads to Cart.pay
    return new Small();
  }
}
class Deep extends Small { more() { super.take().pay(); } static { super.make().more(); } }
//                                               ^ leads to Cart.pay
//                                                                              ^ leads to Small.more
const literal = { toString() { return super.toString(); } };
