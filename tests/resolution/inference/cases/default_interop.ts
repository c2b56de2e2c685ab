// @file: legacy.js
class Cart { pay() {} }
module.exports = { cart: new Cart() };
// @file: main.ts
import legacy from './legacy';
import * as all from './legacy';
legacy.cart.pay();
//          ^ leads to Cart.pay
all.cart.pay();
//       ^ leads to Cart.pay
