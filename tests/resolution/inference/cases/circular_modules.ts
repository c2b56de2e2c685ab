// @file: a.ts
import { b } from './b';
export class A { run() { return b.value; } }
//                                ^ leads to B.value
export const a = new A();
// @file: b.ts
import { a } from './a';
export class B { value = a; }
export const b = new B();
b.value.run();
//      ^ leads to A.run
