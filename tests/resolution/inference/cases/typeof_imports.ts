// @file: lib.ts
export class Cart { pay() {} }
export const shared = { cart: new Cart() };
// @file: main.ts
declare const lib: typeof import('./lib');
declare const cart: import('./lib').Cart;
lib.shared.cart.pay();
//  ^ gap: leads to shared
//         ^ gap: leads to shared.cart
//              ^ gap: leads to Cart.pay
new lib.Cart().pay();
//             ^ gap: leads to Cart.pay
cart.pay();
//   ^ leads to Cart.pay
