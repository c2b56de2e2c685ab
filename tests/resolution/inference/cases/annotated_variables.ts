import type { Cart } from './cart';
let cart: Cart;
declare var other: Cart;
const made: Cart = JSON.parse('');
cart!.pay();
//    ^ leads to Cart.pay
other.pay();
//    ^ leads to Cart.pay
made.pay();
//   ^ leads to Cart.pay
// @file: cart.ts
export interface Cart { pay(): void }
