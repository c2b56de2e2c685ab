class Cart { pay() {} }
class Holder<T extends new (...args: any[]) => any> { made!: InstanceType<T>; }
declare const cart: InstanceType<typeof Cart>, holder: Holder<typeof Cart>;
cart.pay();
//   ^ leads to Cart.pay
holder.made.pay();
//          ^ leads to Cart.pay
