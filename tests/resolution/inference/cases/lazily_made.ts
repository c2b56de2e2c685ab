class Cart { pay() {} }
let shared: Cart | null = null;
function get() { if (!shared) shared = new Cart(); return shared; }
get().pay();
//    ^ leads to Cart.pay
class Shop {
  private held: Cart | undefined;
  get cart() { return this.held || (this.held = new Cart()); }
  other() { if (!this.held) { this.held = new Cart(); } return this.held; }
}
new Shop().cart.pay();
//              ^ leads to Cart.pay
new Shop().other().pay();
//                 ^ leads to Cart.pay
