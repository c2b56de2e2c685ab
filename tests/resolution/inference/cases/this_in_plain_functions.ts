class Cart {
  pay() {}
  each(items: string[]) {
    items.forEach(function () { this.pay(); });
//                                   ^ unknown
    items.forEach(() => { this.pay(); });
//                             ^ leads to Cart.pay
  }
}
