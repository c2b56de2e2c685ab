declare function define<P>(of: { props: P } & ThisType<{ anything: P }>): { defined: P };
declare function define<P>(of: { others: P }): { other: P };
define({ props: { total: 1 } }).defined.total;
//                              ^ leads to local defined@1
//                                      ^ leads to local total@3
type Given<P> = Record<string, unknown> extends P ? { plain: 1 } : { typed: P };
declare function typed<P>(of: P): Given<P>;
typed({ count: { of: 1 } }).typed.count;
//                          ^ leads to local typed@6
//                                ^ leads to local count@8
type Marked<T> = T extends string | { mark?: true } ? { marked: T } : { other: T };
declare const marked: Marked<{ mark: true; total: number }>;
marked.marked.total;
//     ^ leads to local marked@11
//            ^ leads to local total@12
type Unmarked<T> = T extends string | { mark?: true } ? { marked: T } : { other: T };
declare const unmarked: Unmarked<{ total: number }>;
unmarked.other.total;
//       ^ leads to local other@16
type Both<T> = T extends { total: number } & { mark?: true } ? { both: T } : { other: T };
declare const both: Both<{ total: number }>;
both.both.total;
//   ^ leads to local both@20
declare const symbol: unique symbol;
interface Ref<T = any> { value: T; [symbol]: true }
type Shallow<T = any> = Ref<T> & { [shallow]?: true };
declare const shallow: unique symbol;
type Unwrapped<T> = T extends Shallow<infer V> ? V : T extends Ref<infer V> ? Simple<V> : Simple<T>;
type Simple<T> = T extends string | Ref | { [raw]?: true } ? T : T extends object ? { [P in keyof T]: Unwrapped<T[P]> } : T;
declare const raw: unique symbol;
declare function ref<T>(value: T): Ref<Unwrapped<T>>;
declare function reactive<T extends object>(of: T): Simple<T>;
const cart = ref({ total: 1, owner: ref({ name: "" }) });
cart.value.owner.name;
//   ^ leads to Ref.value
//         ^ leads to local owner@33
//               ^ leads to local name@33
reactive({ cart }).cart.owner.name;
//                      ^ leads to local owner@33
//                            ^ leads to local name@33
