interface Named { name: string; parent: Named }
function one<T extends Named>(of: T) { of.name; of.parent.name; }
//                                        ^ leads to Named.name
//                                                 ^ leads to Named.parent
//                                                        ^ leads to Named.name
class Holder<T extends Named> {
  constructor(private held: T) {}
  tell() { return this.held.name; }
//                          ^ leads to Named.name
}
function two<T extends { size: Named }>(of: T) { of.size.name; }
//                                                  ^ leads to size@11
//                                                       ^ leads to Named.name
function three<T extends Named, K extends T>(of: K) { of.name; }
//                                                       ^ leads to Named.name
one; two; three; Holder;
