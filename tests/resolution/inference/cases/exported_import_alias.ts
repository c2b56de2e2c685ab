// @file: ns.ts
namespace Outer { export class Inner { run() {} } }
export import Inner = Outer.Inner;
// @file: use.ts
import { Inner } from "./ns";
//       ^ leads to Outer.Inner
new Inner().run();
//          ^ leads to Inner.run
