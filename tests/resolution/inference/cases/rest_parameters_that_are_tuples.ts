interface Cart { total: number }
interface Till { ring(): void }
declare const cart: Cart, till: Till;
declare function all<T extends unknown[]>(...of: T): T;
all(cart, till)[0].total;
//                 ^ leads to Cart.total
all(cart, till)[1].ring();
//                 ^ leads to Till.ring
const [first, second] = all(cart, till);
first.total;
//    ^ leads to Cart.total
second.ring();
//     ^ leads to Till.ring
declare function named<T extends any[]>(name: string, ...of: T): { many: T };
named("a", cart, till).many[1].ring();
//                             ^ leads to Till.ring
function run<A extends any[], R>(then: (...given: A) => R, ...given: A): R { return then(...given); }
run((one: Cart, other: Till) => other, cart, till).ring();
//                                                 ^ leads to Till.ring
declare function with_both(then: (...given: [Cart, Till]) => void): void;
with_both((one, other) => { one.total; other.ring(); });
//                              ^ leads to Cart.total
//                                           ^ leads to Till.ring
declare function keep<A extends any[]>(...given: A): (then: (...given: A) => void) => void;
keep(cart, till)((one, other) => { one.total; other.ring(); });
//                                     ^ leads to Cart.total
//                                                  ^ leads to Till.ring
class Box<T extends any[]> { held: T; constructor(...held: T) { this.held = held; } }
new Box(cart, till).held[1].ring();
//                          ^ leads to Till.ring
declare function listen<T extends ((cart: Cart) => void)[]>(...to: T): T;
listen((one) => one.total, (one) => one.total);
//                  ^ leads to Cart.total
//                                      ^ leads to Cart.total
interface Module<Name extends string> { name: Name }
declare function core(): Module<"core">;
declare function hooks(): Module<"hooks">;
declare function build<M extends [Module<any>, ...Module<any>[]]>(...modules: M): Built<M[number]["name"]>;
type Built<Name extends string> = { [K in Name]: K extends "core" ? Cart : Till };
const built = build(core(), hooks());
built.core.total;
//         ^ leads to Cart.total
built.hooks.ring();
//          ^ leads to Till.ring
declare function taken<F extends (...given: any[]) => void>(then: F): Parameters<F>;
declare const both: (...given: [Cart, Till]) => void;
taken(both)[1].ring();
//             ^ leads to Till.ring
function collect<A extends unknown[]>(then: (...given: A) => void): A { return [] as unknown as A; }
collect((one: Cart, other: Till) => {})[1].ring();
//                                         ^ leads to Till.ring
