// @file: instance.ts
class Cart { pay() {} }
export default new Cart();
// @file: named.ts
class Shop { sell() {} }
const shop = new Shop();
export { shop as default };
// @file: call.ts
import cart from './instance';
const make = () => cart;
export default make();
// @file: main.ts
import cart from './instance';
import shop from './named';
import called from './call';
cart.pay();
//   ^ leads to Cart.pay
shop.sell();
//   ^ leads to Shop.sell
called.pay();
//     ^ leads to Cart.pay
