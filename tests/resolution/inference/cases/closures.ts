class Cart { pay() {} }
function open() {
  const cart = new Cart();
  const close = () => cart.pay();
//                         ^ leads to Cart.pay
  return { close, cart, again: () => open().cart.pay() };
//                                          ^ leads to cart@6
//                                               ^ leads to Cart.pay
}
const opened = open();
opened.close();
//     ^ leads to close@6
opened.cart.pay();
//     ^ leads to cart@6
//          ^ leads to Cart.pay
