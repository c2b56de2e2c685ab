class Cart { pay() {} }
class Base { base() {} get cart() { return new Cart(); } }
const Outer = class Inner extends Base {
  go() {
    this.base();
//       ^ leads to Base.base
    this.cart.pay();
//            ^ leads to Cart.pay
    Inner.make().go();
//               ^ leads to Outer.go
    new Inner().base();
//              ^ leads to Base.base
  }
  static make() { return new Inner(); }
};
Outer.make().base();
//           ^ leads to Base.base
exports.Shop = class Shop extends Base { go() { this.base(); this.cart.pay(); } };
//                                                   ^ leads to Base.base
//                                                                     ^ leads to Cart.pay
const Made = function Named() { this.cart = new Cart(); };
Made.prototype.go = function go() { this.cart.pay(); this.go(); };
//                                            ^ leads to Cart.pay
//                                                        ^ leads to Made.go
