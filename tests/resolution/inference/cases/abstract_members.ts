abstract class Base { abstract make(): Cart; run() { this.make().pay(); } }
//                                                        ^ leads to Base.make
//                                                               ^ leads to Cart.pay
class Cart { pay() {} }
class Heir extends Base { make() { return new Cart(); } }
declare const base: Base;
base.make().pay();
//   ^ leads to Base.make
//          ^ leads to Cart.pay
new Heir().make().pay();
//         ^ leads to Heir.make
//                ^ leads to Cart.pay
