class A extends B { a() {} run() { this.gone; } }
//                                      ^ unknown
class B extends A { b() {} }
type T = T;
declare const t: T;
t.gone;
//^ unknown
interface I extends I { x: number }
declare const i: I;
i.x;
//^ leads to I.x
i.gone;
//^ unknown
A;
