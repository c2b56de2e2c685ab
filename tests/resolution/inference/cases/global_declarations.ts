// @file: types.d.ts
interface Cart { pay(): void }
declare const shared: Cart;
declare function open(): Cart;
interface Window { cart: Cart }
declare namespace Api { interface Answer { body: Cart } const first: Answer }
// @file: main.ts
shared.pay();
//     ^ leads to Cart.pay
open().pay();
//     ^ leads to Cart.pay
declare const cart: Cart, answer: Api.Answer;
cart.pay();
//   ^ leads to Cart.pay
answer.body.pay();
//     ^ leads to Answer.body
//          ^ leads to Cart.pay
Api.first.body.pay();
//  ^ leads to Api.first
//        ^ leads to Answer.body
//             ^ leads to Cart.pay
window.cart.pay();
//     ^ leads to Window.cart
//          ^ leads to Cart.pay
window.document;
//     ^ external
export {};
