declare class Cart { pay(): void }
declare class Till { ring(): void }
declare function one(of: Cart): Cart;
declare function one(of: Till): Till;
declare const till: Till, carts: Cart[];
one(new Cart()).pay();
//              ^ leads to Cart.pay
one(new Till()).ring();
//              ^ leads to Till.ring
one(till).ring();
//        ^ leads to Till.ring
interface List<T> { size: number; first: T }
declare function make<T>(of: T[]): List<T>;
declare function make<T extends object>(of: T): T;
make({ orders: 1 }).orders;
//                  ^ leads to local orders@15
make(carts).first.pay();
//          ^ leads to List.first
//                ^ leads to Cart.pay
interface Box<T> { get(): T; boxed: 1 }
interface Row<T> { at(place: number): T; listed: 1 }
declare function watch<T>(of: Box<T>, see: (event: { from: Box<T> }) => void): void;
declare function watch<T>(of: Row<T>, see: (event: { from: Row<T> }) => void): void;
declare const row: Row<number>, box: Box<number>;
watch(row, (event) => event.from.listed);
//                          ^ leads to local from@23
//                               ^ leads to Row.listed
watch(box, (event) => event.from.boxed);
//                          ^ leads to local from@22
//                               ^ leads to Box.boxed
class Heir extends Till {}
one(new Heir()).ring();
//              ^ leads to Till.ring
declare class Open { }
declare function any(of: Open): Cart;
declare function any(of: Till): Till;
any(new Till()).pay;
//              ^ leads to Cart.pay
