class Base { private held = 1; open() { return this.held; } }
//                                                  ^ leads to Base.held
class Heir { held = new Cart(); base = new Base(); run() { this.held.pay(); this.base.open(); } }
//                                                              ^ leads to Heir.held
//                                                                   ^ leads to Cart.pay
//                                                                                    ^ leads to Base.open
class Cart { pay() {} }
Heir;
