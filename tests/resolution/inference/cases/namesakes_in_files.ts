// @file: a.ts
export class Cart { pay() {} }
// @file: b.ts
export class Cart { pay() {} }
// @file: main.ts
import { Cart } from './a';
import { Cart as Other } from './b';
new Cart().pay();
//         ^ leads to pay@2
new Other().pay();
//          ^ leads to pay@4
