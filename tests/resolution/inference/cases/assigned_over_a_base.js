// @file: base.js
export class Base {
  min = 0;
  inner = 0;
  options = {};
  constructor() { this.plain = 1; }
}
// @file: middle.js
import { Base } from './base';
export class Middle extends Base {
  constructor() {
    super();
    /** @type {Record<string, number>} */
    this.options = {};
    this.plain = 2;
    this.fresh = () => { this.inner = 1; };
  }
  fit() {
    this.min = 2;
    this.min;
    //   ^ leads to Base.min
    this.plain;
    //   ^ leads to Middle.plain
    this.inner;
    //   ^ leads to Middle.inner
    this.late = 4;
    this.late;
    //   ^ leads to Middle.late
    this.options;
    //   ^ leads to Base.options
  }
}
// @file: leaf.js
import { Middle } from './middle';
class Leaf extends Middle {
  fit() {
    this.late += this.min;
    //   ^ leads to Middle.late
    //                ^ leads to Base.min
    this.plain;
    //   ^ leads to Middle.plain
  }
}
new Leaf().min;
//         ^ leads to Base.min
new Middle().late;
//           ^ leads to Middle.late
new Middle().options;
//           ^ leads to Base.options
class Own { fit() { this.a = 1; } }
class Heir extends Own { fit() { this.a = 1; this.b = 2; return this.a; } }
//                                                                   ^ leads to Own.a
new Heir().b;
//         ^ leads to Heir.b
