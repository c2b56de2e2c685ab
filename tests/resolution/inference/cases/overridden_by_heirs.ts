import { Base } from './base';
class Middle extends Base<string> {
  two() { return this.name(); }
  three() { const { name } = this; return name(); }
  same() { return this.itself(); }
  first() { return this.given; }
}
class Leaf extends Middle {
  name() { return { of: new Coin(), own: 1 }; }
}
class Coin { spend() {} }
new Leaf().two().of.spend();
//               ^ leads to of@26
//                  ^ leads to Purse.spend
new Leaf().three().of;
//                 ^ leads to of@26
new Leaf().name().of.spend();
//                   ^ leads to Coin.spend
new Leaf().same().name().of;
//         ^ leads to Middle.same
//                ^ leads to Leaf.name
// @file: base.ts
export class Purse { spend() {} }
export abstract class Base<T> {
  given!: T;
  name() { return { of: new Purse() }; }
  itself() { return this; }
}
