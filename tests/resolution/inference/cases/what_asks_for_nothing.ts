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
