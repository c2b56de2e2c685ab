class A {
  accessor open = 1;
  //       ^ definition property open in A
  declare kept: string;
  //      ^ definition property kept ambient in A
  static { const inner = this.made; }
  //                          ^ reference symbol made
  static made = 2;
}
