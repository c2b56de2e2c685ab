// @file: kinds.ts
export enum Kind { Cart = 'cart', Coin = 'coin' }
export class Cart { pay() {} }
export class Coin { toss() {} }
export const TAGS = { OPEN: 'open', SHUT: 'shut' } as const;
export const tagged = { [TAGS.OPEN]: new Cart(), [TAGS.SHUT]: new Coin() };
tagged[TAGS.OPEN].pay();
//                ^ leads to Cart.pay
tagged.shut.toss();
//          ^ leads to Coin.toss
// @file: use.ts
import { Kind, Kind as Sort, Cart, Coin, TAGS, tagged } from './kinds';
const of = { [Kind.Cart]: { held: new Cart() }, [Kind.Coin]: { held: new Cart(), more: 1 } };
of[Kind.Cart].held.pay();
//            ^ leads to local held@13
//                 ^ leads to Cart.pay
declare const kind: Kind;
of[kind].held.pay();
//       ^ leads to local held@13
//            ^ leads to Cart.pay
const handlers: Record<Kind, (cart: Cart) => Cart> = {
  [Sort.Cart]: (cart) => { cart.pay(); return cart; },
//                              ^ leads to Cart.pay
  [Kind.Coin](cart) { cart.pay(); return cart; },
//                         ^ leads to Cart.pay
};
handlers[kind](new Cart()).pay();
//                         ^ leads to Cart.pay
handlers[Sort.Coin](new Cart()).pay();
//                              ^ leads to Cart.pay
class Reducer { [Kind.Cart](cart: Cart) { return cart; } [Kind.Coin](coin: Coin) { return coin; } }
new Reducer()[Kind.Coin](new Coin()).toss();
//                                   ^ leads to Coin.toss
enum Own { One = 1, Two }
const own = { [Own.One]: new Cart(), [Own.Two]: new Coin() };
own[Own.Two].toss();
//           ^ leads to Coin.toss
tagged[TAGS.SHUT].toss();
//                ^ leads to Coin.toss
type Each = { [K in Kind]: (of: K extends Kind.Cart ? Cart : Coin) => void };
const each: Each = { [Kind.Cart]: (of) => of.pay(), [Kind.Coin]: (of) => of.toss() };
//                                           ^ gap: leads to Cart.pay
//                                                                          ^ gap: leads to Coin.toss
each[Kind.Cart](new Cart());
