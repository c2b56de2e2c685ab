class Cart { pay() {} }
const weak = new WeakMap<object, Cart>(), held = new WeakRef(new Cart());
weak.get({})?.pay();
//            ^ leads to Cart.pay
held.deref()?.pay();
//            ^ leads to Cart.pay
weak.has({});
//   ^ gap: external
