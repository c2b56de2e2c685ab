// @file: a.ts
export default class Root { root() { return this; } }
// @file: b.ts
import Root from './a';
export class Middle extends Root { middle() {} }
// @file: c.ts
export { Middle as Base } from './b';
// @file: d.ts
import * as all from './c';
class Leaf extends all.Base { leaf() { this.middle(); this.root(); } }
//                                          ^ leads to Middle.middle
//                                                         ^ leads to Root.root
const leaf = new Leaf();
leaf.leaf();
//   ^ leads to Leaf.leaf
leaf.middle();
//   ^ leads to Middle.middle
leaf.root().leaf();
//   ^ leads to Root.root
//          ^ leads to Leaf.leaf
leaf.gone;
//   ^ unknown
