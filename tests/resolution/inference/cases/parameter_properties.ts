class Cart { pay() {} }
class Shop {
  constructor(private readonly cart: Cart, public next: Cart = new Cart(), plain?: Cart) { plain?.pay(); }
//                                                                                                ^ leads to Cart.pay
  sell() { this.cart.pay(); this.next.pay(); }
//              ^ leads to Shop.cart
//                   ^ leads to Cart.pay
//                                    ^ leads to Cart.pay
  lost() { this.plain; }
//              ^ unknown
}
class Heir extends Shop { more() { this.next.pay(); } }
//                                           ^ leads to Cart.pay
new Shop(new Cart()).next.pay();
//                   ^ leads to Shop.next
//                        ^ leads to Cart.pay
new Heir(new Cart()).next.pay();
//                   ^ leads to Shop.next
//                        ^ leads to Cart.pay
