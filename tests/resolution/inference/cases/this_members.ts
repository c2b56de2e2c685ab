class Cart {
  items = 0;
  pay() {}
  add() {
    this.items;
//       ^ leads to Cart.items
    this.pay();
//       ^ leads to Cart.pay
    return () => this.pay();
//                    ^ leads to Cart.pay
  }
  kept() {
    const self = this;
    self.pay();
//       ^ leads to Cart.pay
    const { items } = this;
//          ^ leads to Cart.items
    function inner() { self.pay(); }
//                          ^ leads to Cart.pay
    return inner;
  }
}
