import { Store } from './store';
window.store.open();
//     ^ leads to Window.store
//           ^ leads to Store.open
const { store } = window;
//      ^ leads to Window.store
store.open();
//    ^ leads to Store.open
window.innerWidth;
//     ^ external
self.store.open(), document.title;
//         ^ leads to Store.open
//                          ^ external
document.cart.pay();
//       ^ leads to Document.cart
//            ^ leads to Cart.pay
(window as Window).cart.pay();
//                 ^ leads to Window.cart
//                      ^ leads to Cart.pay
function shadowed(window: Store) { window.open(); }
//                                        ^ leads to Store.open
shadowed;
// @file: store.ts
export class Store { open() {} }
declare global {
  interface Window { store: Store }
}
// @file: more.d.ts
interface Cart { pay(): void }
interface Window { cart: Cart }
interface Document { cart: Cart }
