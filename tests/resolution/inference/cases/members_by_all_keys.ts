interface Rooms { hall: Hall; kitchen: Kitchen }
declare class Hall { enter(): void }
declare class Kitchen { cook(): void }
type Open = { hall: object };
declare const one: Rooms[keyof Open];
one.enter();
//  ^ leads to Hall.enter
declare const two: Rooms[Extract<keyof Open, keyof Rooms>];
two.enter();
//  ^ leads to Hall.enter
declare const three: Rooms[keyof Open & keyof Rooms];
three.enter();
//    ^ leads to Hall.enter
declare const rooms: Rooms;
function choose<T, K extends keyof T>(of: T, key: K): T[K] { return of[key]; }
choose(rooms, 'hall').enter();
//                    ^ leads to Hall.enter
choose(rooms, 'kitchen').cook();
//                       ^ leads to Kitchen.cook
const plans = { ground: { hall: new Hall() }, top: { hall: new Hall() } };
declare const key: keyof typeof plans;
plans[key].hall.enter();
//              ^ leads to Hall.enter
declare const plan: (typeof plans)[keyof typeof plans];
plan.hall.enter();
//        ^ leads to Hall.enter
type ValueOf<T> = T[keyof T];
declare const held: ValueOf<{ only: Hall }>;
held.enter();
//   ^ leads to Hall.enter
interface Base { first: Hall }
interface Heir extends Base { second: Hall }
declare const inherited: Heir[keyof Heir];
inherited.enter();
//        ^ leads to Hall.enter
const HALL = 'hall';
rooms[HALL].enter();
//          ^ leads to Hall.enter
interface AllParts { sorting: { order: string }; paging: { page: number }; filter: { words: string } }
type PartsOf<T> = Join<AllParts[Extract<keyof T, keyof AllParts>]>;
type Join<U> = (U extends unknown ? (one: U) => void : never) extends (one: infer I) => void ? I : never;
declare function partsOf<T>(of: T): PartsOf<T>;
const some = { sorting: 1, paging: 2 };
partsOf({ ...some, other: 3 }).order;
//                             ^ leads to sorting.order@39
partsOf({ ...some, other: 3 }).page;
//                             ^ leads to paging.page@39
declare const either: { paging: 1; a: 1 } | { paging: 2; b: 2 };
partsOf(either).page;
//              ^ leads to paging.page@39
declare function finding(options: { first: true; limit?: number }): { one: string };
declare function finding(options: { first: false; limit?: number }): { many: string };
declare const isFirst: boolean;
finding({ first: true, limit: 1 }).one;
//                                 ^ leads to local one@51
