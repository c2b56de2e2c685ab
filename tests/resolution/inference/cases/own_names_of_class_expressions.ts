const Shown = class Inner {
  of = 1;
  copy(from: Inner): Inner { return from; }
//           ^ leads to Shown
//                   ^ leads to Shown
  twice() { return this.copy(new Inner()).copy(this).of; }
//                               ^ leads to Shown
//                                        ^ leads to Shown.copy
//                                                   ^ leads to Shown.of
};
new Shown().copy(new Shown()).of;
//                            ^ leads to Shown.of
