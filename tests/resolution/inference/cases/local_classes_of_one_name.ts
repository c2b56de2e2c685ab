function one() {
  class Cart { pay() {} }
  return new Cart();
}
function two() {
  class Cart { pay() {} }
  const cart = new Cart();
  cart.pay();
//     ^ leads to pay@6
  return cart;
}
one().pay();
//    ^ leads to pay@2
two().pay();
//    ^ leads to pay@6
