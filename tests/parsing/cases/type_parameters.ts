function pick<T extends object, K extends keyof T>(o: T, k: K): T[K] {
//                                              ^ reference type local 1
//                                                    ^ reference type local 1
  type Local = T;
  //   ^ definition type Local in pick
  //           ^ reference type local 1
  return o[k];
}
