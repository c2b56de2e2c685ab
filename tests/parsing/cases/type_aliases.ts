type Props<T> = { a: T; nested: { b: string } } & Other;
//   ^ definition type Props
//                ^ definition property a in Props
//                                ^ definition property b in nested
//                                                ^ reference type undeclared
type Mapped<T> = { [K in keyof T as `x${K & string}`]?: T[K] };
//                             ^ reference type local 6
//                                      ^ reference type local 6
//                                                        ^ reference type local 6
type Inner<T> = T extends Array<infer U> ? U : U;
//                                         ^ reference type local 10
//                                             ^ reference type undeclared
type Fn = (first: string, second: typeof first) => asserts first is string;
//                                       ^ reference type local 13
//                                                         ^ reference read local 13
type Label = [first: Props<string>, second?: Fn];
//            ^ no reference
//                   ^ reference type symbol Props
