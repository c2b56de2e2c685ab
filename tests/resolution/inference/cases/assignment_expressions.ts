class Cart { pay() {} }
let cart: Cart | undefined;
(cart = new Cart()).pay();
//                  ^ leads to Cart.pay
(cart ??= new Cart()).pay();
//                    ^ leads to Cart.pay
class Shop { held?: Cart; get() { return (this.held ??= new Cart()); } }
new Shop().get().pay();
//               ^ leads to Cart.pay
