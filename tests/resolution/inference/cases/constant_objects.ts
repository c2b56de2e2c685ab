class Cart { pay() {} }
const shop = { cart: new Cart(), nested: { deep: { cart: new Cart() } }, make: () => new Cart(), open() { return new Cart(); } };
shop.cart.pay();
//   ^ leads to shop.cart
//        ^ leads to Cart.pay
shop.nested.deep.cart.pay();
//   ^ leads to shop.nested
//          ^ leads to nested.deep
//               ^ leads to deep.cart
//                    ^ leads to Cart.pay
shop.make().pay();
//   ^ leads to shop.make
//          ^ leads to Cart.pay
shop.open().pay();
//   ^ leads to shop.open
//          ^ leads to Cart.pay
const cart = new Cart();
const short = { cart };
short.cart.pay();
//    ^ leads to short.cart
//         ^ leads to Cart.pay
