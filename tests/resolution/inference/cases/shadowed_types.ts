class Cart { pay() {} }
function run() {
  interface Cart { close(): void }
  const cart: Cart = JSON.parse('');
  cart.close();
//     ^ leads to Cart.close
  cart.pay;
//     ^ unknown
}
function generic<Cart>(cart: Cart) { cart.pay; }
//                                        ^ unknown
run; generic;
