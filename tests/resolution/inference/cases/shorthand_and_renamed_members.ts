class Cart { pay() {} }
function make() {
  const cart = new Cart();
  const total = 1;
  return { cart, sum: total, pay() { return cart.pay(); } };
//                                               ^ leads to Cart.pay
}
const { cart, sum, pay } = make();
//      ^ leads to cart@5
//            ^ leads to sum@5
//                 ^ leads to pay@5
cart.pay(); sum; pay;
//   ^ leads to Cart.pay
