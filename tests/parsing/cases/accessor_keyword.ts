class A {
  accessor open = 1;
  //       ^ definition property open in A
  declare kept: string;
  //      ^ definition property kept ambient in A
  static { const inner = this.made; }
  //                          ^ reference symbol made
  static made = 2;
}
class B {
  static accessor shared = 1;
  //              ^ definition property shared static in B
  override accessor open = 2;
  //                ^ definition property open in B
  private static accessor #own = 3;
  //                      ^ definition property #own static private in B
}
B.shared;
//^ reference symbol shared
//! errors 0
