// @file: shop.ts
class Cart { pay() {} }
export const shop = { cart: new Cart(), deep: { cart: new Cart() } };
export default { api: new Cart(), make() { return new Cart(); } };
// @file: main.ts
import standard, { shop } from './shop';
import * as all from './shop';
shop.cart.pay();
//   ^ leads to shop.cart
//        ^ leads to Cart.pay
shop.deep.cart.pay();
//   ^ leads to shop.deep
//        ^ leads to deep.cart
//             ^ leads to Cart.pay
all.shop.cart.pay();
//       ^ leads to shop.cart
//            ^ leads to Cart.pay
standard.api.pay();
//       ^ leads to api@4
//           ^ leads to Cart.pay
standard.make().pay();
//       ^ leads to make@4
//              ^ leads to Cart.pay
