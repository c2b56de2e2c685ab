// @file: base.ts
export class Base {
  static create() { return new Base(); }
  static settings = { depth: 1 };
  save() {}
}
// @file: heir.ts
import { Base } from './base';
class Heir extends Base {
  static run() {
    this.create().save();
//       ^ leads to Base.create
//                ^ leads to Base.save
    super.create();
//        ^ leads to Base.create
  }
}
Heir.create().save();
//   ^ leads to Base.create
//            ^ leads to Base.save
Heir.settings.depth;
//            ^ leads to settings.depth
