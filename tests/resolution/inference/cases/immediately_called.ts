class Cart { pay() {} }
const made = (() => new Cart())();
made.pay();
//   ^ leads to Cart.pay
const shop = (function () { return { cart: new Cart() }; })();
shop.cart.pay();
//   ^ leads to cart@5
//        ^ leads to Cart.pay
(async () => { const cart = await (async () => new Cart())(); cart.pay(); })();
//                                                                 ^ leads to Cart.pay
