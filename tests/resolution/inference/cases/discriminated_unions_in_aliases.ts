interface Cart { pay(): void }
interface Shop { sell(): void }
type Event =
  | { type: 'cart'; of: Cart }
  | { type: 'shop'; of: Shop };
declare const event: Event;
if (event.type === 'shop') event.of.sell();
//                               ^ leads to of@5
//                                  ^ leads to Shop.sell
function handle({ type, of }: Event) { return type && of; }
//                      ^ heuristic of@4 or of@5
type Tagged = { at: number } & ({ type: 'cart'; of: Cart } | { type: 'shop'; of: Shop });
declare const tagged: Tagged;
tagged.of;
//     ^ heuristic Tagged.of
tagged.at;
//     ^ leads to Tagged.at
type Result<T, E> = { ok: true; value: T } | { ok: false; error: E };
declare const result: Result<Cart, Shop>;
if (result.ok) result.value.pay();
//                    ^ leads to Result.value
//                          ^ leads to Cart.pay
type Named = Cart & { shop: Shop };
declare const named: Named;
named.shop.sell();
//    ^ leads to Named.shop
type Other = Owned | { of: Shop };
interface Owned { of: Cart }
declare const other: Other;
other.of;
//    ^ heuristic Owned.of or Other.of
declare const inline: { type: 'cart'; of: Cart } | { type: 'shop'; of: Shop };
inline.of;
//     ^ heuristic inline.of
class Store { state: { at: 'cart'; of: Cart } | { at: 'shop'; of: Shop }; read() { return this.state.of; } }
//                                                                                                   ^ heuristic state.of
export declare const shared: { at: 'cart'; of: Cart } | { at: 'shop'; of: Shop };
declare const maybe: { of: Cart } | undefined;
maybe?.of.pay();
//     ^ leads to maybe.of
//        ^ leads to Cart.pay
type Step = { at: 'cart'; of: Cart } | { at: 'shop'; of: Shop } | { at: 'end' };
declare const step: Step;
if (step.at === 'shop') step.of.sell();
//                           ^ leads to of@42
//                              ^ leads to Shop.sell
step.at;
//   ^ heuristic Step.at
// @file: use.ts
import { shared } from './discriminated_unions_in_aliases';
shared.of;
//     ^ heuristic shared.of
