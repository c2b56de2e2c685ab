// @file: cart.ts
import { Base } from 'elsewhere';
export interface Cart { pay(): void }
export interface Held<T> { held: T }
export class Shelf { label = ''; top() { return this.added().pay(); } }
//                                                   ^ leads to Shelf.added
//                                                           ^ leads to Cart.pay
export class LongShelf extends Shelf { reach() { return this.added(); } }
//                                                           ^ leads to Shelf.added
export class Lent extends Base { reach() { return this.lender.pieces; } }
//                                                     ^ leads to Lent.lender
//                                                            ^ leads to Extra.pieces
export declare const Box: { make(): Cart };
export interface Box { one: Cart }
export namespace rates { export const euro = 1 }
// @file: barrel.ts
export * from './cart';
// @file: more.ts
import type { Cart as Own, Held as OwnHeld } from './cart';
export interface Extra { pieces: number; owner: Own }
declare module './cart' {
  interface Cart { extra(): Extra; (count: number): Extra }
  interface Cart { is(of: unknown): of is Cart }
  interface Held<T> { twice: [T, T] }
  interface Shelf { added(): Own }
  interface Lent { lender: Extra }
  interface Box { two: Cart }
  interface Fresh { first: Own }
  interface Fresh { second: Own }
  interface Keyed extends Extra { own: 1 }
  namespace rates { const krone: Extra }
  const rack: Extra
  function unheld<T>(of: Held<T>): T
}
declare const mine: Own;
mine.extra().pieces;
//   ^ leads to Cart.extra
//           ^ leads to Extra.pieces
// @file: through.ts
import type { Extra } from './more';
declare module './barrel' { interface Cart extends Extra { passed: Extra; [more: number]: Extra } }
// @file: main.ts
import type { Cart, Fresh, Held, Keyed } from './cart';
import type { Cart as Passed } from './barrel';
import type { Extra } from './more';
import { Box, Lent, LongShelf, Shelf, rack, rates, unheld } from './cart';
import { rack as passedRack } from './barrel';
declare const cart: Cart;
cart.pay();
//   ^ leads to Cart.pay
cart.extra().owner.extra();
//   ^ leads to Cart.extra
//           ^ leads to Extra.owner
//                 ^ leads to Cart.extra
cart.passed.pieces;
//   ^ leads to Cart.passed
//          ^ leads to Extra.pieces
cart.pieces;
//   ^ leads to Extra.pieces
cart(1).pieces;
//      ^ leads to Extra.pieces
cart[1].pieces;
//      ^ leads to Extra.pieces
declare const passed: Passed;
passed.extra().pieces;
//     ^ leads to Cart.extra
//             ^ leads to Extra.pieces
declare const held: Held<Cart>;
held.twice[0].pay();
//   ^ leads to Held.twice
//            ^ leads to Cart.pay
held.held.extra();
//   ^ leads to Held.held
//        ^ leads to Cart.extra
unheld(held).pay();
//           ^ leads to Cart.pay
declare const fresh: Fresh;
//                   ^ leads to Fresh@28
fresh.first.pay();
//    ^ leads to Fresh.first
//          ^ leads to Cart.pay
fresh.second.pay();
//    ^ leads to Fresh.second
declare const keyed: Keyed;
keyed.pieces;
//    ^ leads to Extra.pieces
new Shelf().added().pay();
//          ^ leads to Shelf.added
//                  ^ leads to Cart.pay
new LongShelf().added().extra();
//              ^ leads to Shelf.added
//                      ^ leads to Cart.extra
new Lent().lender.owner;
//         ^ leads to Lent.lender
//                ^ leads to Extra.owner
declare const box: Box;
box.one.pay();
//  ^ leads to Box.one
//      ^ leads to Cart.pay
box.two.pay();
//  ^ leads to Box.two
//      ^ leads to Cart.pay
Box.make().extra();
//  ^ leads to Box.make
//         ^ leads to Cart.extra
rack.owner;
// <- leads to rack
//   ^ leads to Extra.owner
passedRack.owner;
// <- leads to rack
//         ^ leads to Extra.owner
rates.euro;
//    ^ leads to rates.euro
rates.krone.pieces;
//    ^ leads to rates.krone
//          ^ leads to Extra.pieces
interface Poor { pay(): void; poor: Extra }
type Kept<T> = T extends Cart ? Shelf : T;
declare const kept: Kept<Poor>;
kept.poor.pieces;
//   ^ leads to Poor.poor
//        ^ leads to Extra.pieces
declare const either: Cart | Poor;
if (cart.is(either)) { either.pay(); } else { either.pay(); }
//                            ^ leads to Cart.pay
//                                                   ^ leads to Poor.pay
