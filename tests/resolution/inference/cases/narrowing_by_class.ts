class Base { run() {} of = 1; only = 1; }
class Heir extends Base { run() {} rest() {} }
class Other { run() {} of = 1; }
declare const any: any, base: Base, other: Base | Other, heir: Heir | Other, text: string | Other;
if (any instanceof Heir) any.rest();
//                           ^ leads to Heir.rest
if (base instanceof Heir) base.run();
//                             ^ leads to Heir.run
else base.run();
//        ^ leads to Base.run
if (other instanceof Base) other.of; else other.of;
//                               ^ leads to Base.of
//                                              ^ leads to Other.of
if (other instanceof Heir) other.run();
//                               ^ leads to Heir.run
if (heir instanceof Base) heir.run(); else heir.run();
//                             ^ leads to Heir.run
//                                              ^ leads to Other.run
if (!(heir instanceof Other)) heir.run();
//                                 ^ leads to Heir.run
if (heir.constructor === Other) heir.run();
//                                   ^ leads to Other.run
if (text instanceof Other) text.run();
//                              ^ leads to Other.run
if (base instanceof Other) base.run(), base.only;
//                              ^ leads to Base.run
//                                          ^ leads to Base.only
function caught() {
  try { caught(); } catch (error) {
    if (error instanceof Heir && error.of) error.rest();
//                                     ^ leads to Base.of
//                                               ^ leads to Heir.rest
    if (!(error instanceof Other)) throw error;
    error.run();
//        ^ leads to Other.run
  }
}
caught;
