// @file: types.d.ts
declare function expect(value: unknown): Expect;
interface Expect { toBe(): Expect }
declare module 'expect.js' {
  export = expect;
}
declare module 'walker' {
  class Walker { step(): Walker }
  export { Walker as Stepper };
  export default Walker;
}
declare module 'around' {
  import { Stepper } from 'walker';
  export { Stepper };
}
// @file: main.ts
import expect from 'expect.js';
import Walker, { Stepper } from 'walker';
//     ^ leads to walker.Walker
//               ^ leads to walker.Walker
import { Stepper as Around } from 'around';
//       ^ leads to walker.Walker
import same = require('expect.js');
expect(1).toBe();
// <- leads to expect@2
//        ^ leads to Expect.toBe
same(1).toBe();
// <- leads to expect@2
new Walker().step();
//           ^ leads to walker.Walker.step
new Around().step();
//           ^ leads to walker.Walker.step
