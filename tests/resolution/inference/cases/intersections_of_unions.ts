declare class Hall { enter(): void }
declare class Kitchen { cook(): void }
type All<T> = (T extends any ? (of: T) => any : never) extends (of: infer R) => any ? R : never;
declare const all: All<Hall | Kitchen>;
all.enter();
//  ^ leads to Hall.enter
all.cook();
//  ^ leads to Kitchen.cook
type Merged<U> = (U extends unknown ? (each: U) => void : never) extends (all: infer I) => void ? I & U : never;
declare const merged: Merged<Hall | Kitchen>;
merged.enter();
//     ^ leads to Hall.enter
merged.cook();
//     ^ leads to Kitchen.cook
