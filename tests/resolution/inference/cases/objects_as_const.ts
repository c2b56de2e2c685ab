class Cart { pay() {} }
const shop = { cart: new Cart(), kinds: { big: 1 } } as const;
shop.cart.pay();
//   ^ leads to shop.cart
//        ^ leads to Cart.pay
shop.kinds.big;
//   ^ leads to shop.kinds
//         ^ leads to kinds.big
const frozen = Object.freeze({ cart: new Cart() });
frozen.cart.pay();
//     ^ leads to frozen.cart
//          ^ leads to Cart.pay
