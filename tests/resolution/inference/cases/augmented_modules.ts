// @file: cart.ts
export interface Cart { pay(): void }
// @file: more.ts
import './cart';
declare module './cart' { interface Cart { extra(): void } }
// @file: main.ts
import type { Cart } from './cart';
declare const cart: Cart;
cart.pay();
//   ^ leads to Cart.pay
cart.extra();
//   ^ gap: leads to Cart.extra
