type Unwrap<T> = T extends Promise<infer V extends string> ? Unwrap<V> : T extends (infer W)[] ? W : V;
//                                                                  ^ reference type local 1
//                                                                                               ^ reference type local 1
//                                                                                                   ^ reference type undeclared
