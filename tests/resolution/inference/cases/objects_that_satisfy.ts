class Cart { pay() {} }
interface Shop { cart: object }
const shop = { cart: new Cart() } satisfies Shop;
shop.cart.pay();
//   ^ leads to shop.cart
//        ^ leads to Cart.pay
