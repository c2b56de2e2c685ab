interface Cart { pay(): void; of: number }
interface Shop { sell(): void; of: number }
interface Stall { sell?(): void; of: number }
declare const one: Cart | Shop, two: Cart | Stall;
if ('pay' in one) one.of; else one.of;
//                    ^ leads to Cart.of
//                                 ^ leads to Shop.of
if (!('sell' in one)) one.of;
//                        ^ leads to Cart.of
if ('sell' in two) two.of; else two.of;
//                     ^ leads to Stall.of
//                                  ^ heuristic Cart.of or Stall.of
class Marked { #mark = 1; of = 1; static is(given: Marked | Shop) { return #mark in given && given.of; } }
//                                                                                                 ^ leads to Marked.of
Marked;
