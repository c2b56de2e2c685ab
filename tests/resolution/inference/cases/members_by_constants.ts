// @file: keys.ts
export const held = Symbol('held');
export declare const other: unique symbol;
export const NAME = 'named';
export declare class Cart { pay(): void }
export interface Has { [held]: Cart; [NAME]: Cart }
export type Also = { [other]?: Cart; plain: Cart };
// @file: use.ts
import { held, other, NAME, Cart, Has, Also } from './keys';
declare const has: Has, also: Also;
has[held].pay();
//  ^ leads to held
//        ^ leads to Cart.pay
(has as unknown as Has)[held].pay();
//                            ^ leads to Cart.pay
also[other]!.pay();
//           ^ leads to Cart.pay
has[NAME].pay();
//        ^ leads to Cart.pay
has.named.pay();
//        ^ leads to Cart.pay
class Own { [held]: Cart = new Cart(); [other]() { return new Cart(); } go() { return this[held].pay(); } }
//                                                                                               ^ leads to Cart.pay
new Own()[held].pay();
//              ^ leads to Cart.pay
new Own()[other]().pay();
//                 ^ leads to Cart.pay
class Heir extends Own { more() { this[held].pay(); } }
//                                           ^ leads to Cart.pay
new Heir()[held].pay();
//               ^ leads to Cart.pay
const literal = { [held]: new Cart(), [other]: { deep: new Cart() } };
literal[held].pay();
//            ^ leads to Cart.pay
literal[other].deep.pay();
//                  ^ leads to Cart.pay
const { [held]: taken } = literal;
taken.pay();
//    ^ leads to Cart.pay
const LOCAL = 'items';
interface Store { [LOCAL]: Cart }
declare const store: Store;
store.items.pay();
//          ^ leads to Cart.pay
const made = { [LOCAL]: new Cart() };
made[LOCAL].pay();
//          ^ leads to Cart.pay
made.items.pay();
//         ^ leads to Cart.pay
