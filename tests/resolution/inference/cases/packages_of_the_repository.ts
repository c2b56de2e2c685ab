// @file: packages/core/package.json
{ "name": "@shop/core", "main": "dist/index.js" }
// @file: packages/core/src/index.ts
export class Cart { pay() {} }
export const cart = new Cart();
// @file: packages/app/main.ts
import { Cart, cart } from '@shop/core';
new Cart().pay();
//         ^ leads to Cart.pay
cart.pay();
//   ^ leads to Cart.pay
