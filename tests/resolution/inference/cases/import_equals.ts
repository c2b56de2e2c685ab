// @file: lib.ts
class Cart { pay() {} }
namespace Cart { export const shared = new Cart(); }
export = Cart;
// @file: main.ts
import Cart = require('./lib');
new Cart().pay();
//         ^ leads to Cart.pay
Cart.shared.pay();
//   ^ leads to Cart.shared
//          ^ leads to Cart.pay
