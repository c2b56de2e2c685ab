class Cart { pay() {} }
function one(cart: Cart) { cart.pay(); }
//                              ^ leads to Cart.pay
const two = (cart: Cart, ...more: Cart[]) => { cart.pay(); more[0].pay(); };
//                                                  ^ leads to Cart.pay
//                                                                 ^ leads to Cart.pay
class Shop {
  constructor(first: Cart) { first.pay(); }
//                                 ^ leads to Cart.pay
  sell(cart?: Cart) { cart?.pay(); }
//                          ^ leads to Cart.pay
  set current(cart: Cart) { cart.pay(); }
//                               ^ leads to Cart.pay
}
one; two; Shop;
