const cart = {
  total: 1,
  pay() { return this.total; },
//                    ^ leads to cart.total
  again() { this.pay(); },
//               ^ leads to cart.pay
};
cart;
