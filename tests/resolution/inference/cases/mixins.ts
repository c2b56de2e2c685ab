type Type<T = {}> = new (...args: any[]) => T;
class Cart { pay() {} }
function Timed<B extends Type>(Base: B) { return class extends Base { stamp() {} }; }
const TimedCart = Timed(Cart);
const one = new TimedCart();
one.stamp();
//  ^ gap: leads to Timed.stamp
one.pay();
//  ^ gap: leads to Cart.pay
class Heir extends Timed(Cart) { run() { this.stamp(); this.pay(); } }
//                                            ^ gap: leads to Timed.stamp
//                                                          ^ gap: leads to Cart.pay
Heir;
