// @file: cart.ts
export class Cart { pay() {} }
export const cart = new Cart();
// @file: index.ts
export * from './cart';
export { cart as basket } from './cart';
export * as carts from './cart';
// @file: main.ts
import { cart, basket, carts, Cart } from './index';
cart.pay();
//   ^ leads to Cart.pay
basket.pay();
//     ^ leads to Cart.pay
carts.cart.pay();
//         ^ leads to Cart.pay
new carts.Cart().pay();
//               ^ leads to Cart.pay
const made: Cart = basket;
made.pay();
//   ^ leads to Cart.pay
