// @file: named.ts
export interface Named { name: string; owner: Owner }
export interface Owner { greet(): void }
export interface Sized { size: number }
// @file: main.ts
import type { Named, Sized } from './named';
interface Thing extends Named, Sized { thing: Thing }
declare const thing: Thing;
thing.name;
//    ^ leads to Named.name
thing.size;
//    ^ leads to Sized.size
thing.thing.owner.greet();
//    ^ leads to Thing.thing
//          ^ leads to Named.owner
//                ^ leads to Owner.greet
