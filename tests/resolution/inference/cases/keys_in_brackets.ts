// A string in brackets names a member as one without them does.
// @file: main.ts
interface Cart { pay(): void }
interface Held { ['cart']: Cart; ['make'](): Cart }
class Shelf { ['cart']: Cart; ['own'] = new Shelf(); ['made']() { return this.cart; } static ['one']: Shelf }
//                                                                            ^ leads to Shelf.cart
const plain = { ['cart']: new Shelf(), ['made']() { return new Shelf(); } };
enum Kind { ['Small'] = 1 }
declare const held: Held, written: { ['cart']: Cart };
held.cart.pay();
//   ^ leads to Held.cart
//        ^ leads to Cart.pay
held.make().pay();
//   ^ leads to Held.make
//          ^ leads to Cart.pay
new Shelf().own.cart.pay();
//          ^ leads to Shelf.own
//              ^ leads to Shelf.cart
//                   ^ leads to Cart.pay
Shelf.one.made().pay();
//    ^ leads to Shelf.one
//        ^ leads to Shelf.made
//               ^ leads to Cart.pay
plain.cart.own;
//    ^ leads to plain.cart
//         ^ leads to Shelf.own
plain.made().own;
//    ^ leads to plain.made
//           ^ leads to Shelf.own
written.cart.pay();
//      ^ leads to written.cart
//           ^ leads to Cart.pay
Kind.Small;
//   ^ leads to Kind.Small
const { ['cart']: taken } = held;
taken.pay();
//    ^ leads to Cart.pay
