// @file: create.ts
import type { Cart } from "./cart";
export const create: unique symbol = Symbol("create");
declare global {
  interface Sink<T> { next(value: T): void }
  interface Source<T> { subscribe(then: (value: T) => void): void }
  interface Sources {
    [create]: <T>(begin: (to: Sink<T>) => void) => Source<T>;
    plain(begin: (to: Sink<number>) => void): Source<Cart>;
  }
}
// @file: cart.ts
export interface Cart { total: number }
// @file: timer.ts
import { create } from "./create";
export const timer: unique symbol = Symbol("timer");
declare global {
  interface Sources { [timer]: { (delay: number): Source<number>; (delay: number, every: number): Source<number> } }
}
function timing(this: Sources, delay: number): Source<number> {
  this.plain((to) => to.next(1)).subscribe((cart) => cart.total);
//     ^ leads to Sources.plain
//                      ^ leads to Sink.next
//                               ^ leads to Source.subscribe
//                                                        ^ leads to Cart.total
  return this[create]((to) => to.next(1));
//                               ^ leads to Sink.next
}
// @file: use.ts
import { create } from "./create";
import { timer } from "./timer";
declare const sources: Sources;
sources[timer](1).subscribe(() => {});
//                ^ leads to Source.subscribe
sources[create]<string>((to) => to.next("")).subscribe(() => {});
//                                 ^ leads to Sink.next
//                                           ^ leads to Source.subscribe
