// @file: types.d.ts
declare module 'walker' {
  export class Walker { step(): Walker }
  export function walk(): Walker;
}
// @file: main.ts
import { walk, Walker } from 'walker';
walk().step().step();
//     ^ leads to Walker.step
//            ^ leads to Walker.step
new Walker().step();
//           ^ leads to Walker.step
