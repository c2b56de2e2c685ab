// @file: carts.ts
export class Cart { static one = new Cart(); pay() { return this; } }
export class Big<T> extends Cart { held!: T; }
// @file: main.ts
import { Cart as Origin, Big } from './carts';
import * as all from './carts';
Origin.prototype.pay().pay;
//     ^ external
//               ^ leads to Cart.pay
//                     ^ leads to Cart.pay
Big.prototype.pay;
//            ^ leads to Cart.pay
Big.prototype.held;
//            ^ leads to Big.held
all.Cart.prototype.pay;
//                 ^ leads to Cart.pay
class Own { go() {} }
Own.prototype.go();
//            ^ leads to Own.go
const proto = Own.prototype;
proto.go();
//    ^ leads to Own.go
type Proto = (typeof Own)['prototype'];
declare const typed: Proto;
typed.go();
//    ^ leads to Own.go
interface Plain { go(): void }
namespace Plain { export const prototype = new Own(); }
Plain.prototype.go();
//    ^ leads to Plain.prototype
//              ^ leads to Own.go
