// @file: lib.ts
export class Cart { pay() {} }
export const cart = new Cart();
export { cart as renamed };
export * as inner from './inner';
// @file: inner.ts
import { Cart } from './lib';
export const deep = new Cart();
// @file: main.ts
import * as lib from './lib';
lib.cart.pay();
//  ^ leads to cart@3
//       ^ leads to Cart.pay
lib.renamed.pay();
//  ^ leads to cart@3
//          ^ leads to Cart.pay
lib.inner.deep.pay();
//        ^ leads to deep
//             ^ leads to Cart.pay
const same = lib;
same.cart.pay();
//        ^ leads to Cart.pay
const { cart } = lib;
//      ^ leads to cart@3
cart.pay();
//   ^ leads to Cart.pay
function take(given: typeof lib) { given.cart.pay(); }
//                                            ^ leads to Cart.pay
take;
