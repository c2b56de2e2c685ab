class Cart { pay() {} }
declare const shop: {
  cart: Cart;
  nested: { deep: Cart };
  make(): Cart;
  call: () => Cart;
};
shop.cart.pay();
//   ^ leads to cart@3
//        ^ leads to Cart.pay
shop.nested.deep.pay();
//   ^ leads to nested@4
//          ^ leads to deep@4
//               ^ leads to Cart.pay
shop.make().pay();
//   ^ leads to make@5
//          ^ leads to Cart.pay
shop.call().pay();
//          ^ leads to Cart.pay
function take(options: { cart: Cart }) { options.cart.pay(); }
//                                               ^ leads to cart@20
//                                                    ^ leads to Cart.pay
take;
