interface Cart { pay(): Cart }
interface Cart { close(): void }
declare const cart: Cart;
cart.close();
//   ^ leads to Cart.close
cart.pay().close();
//         ^ leads to Cart.close
