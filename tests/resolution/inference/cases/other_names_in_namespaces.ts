// @file: base.d.ts
export function hook(): Cart;
export class Cart { pay(): void }
export interface Shape { cart: Cart }
export namespace inner { const deep: Cart; interface Far { far: Cart } }
// @file: lib.d.ts
import * as base from './base';
declare namespace Lib {
  export import hook = base.hook;
  export import Cart = base.Cart;
  export import Shape = base.Shape;
  export import inner = base.inner;
  const own: base.Cart;
}
export = Lib;
// @file: use.ts
import Lib, { hook, Cart, own } from './lib';
hook().pay();
// <- leads to hook
//     ^ leads to Cart.pay
Lib.hook();
//  ^ leads to hook
own.pay();
//  ^ leads to Cart.pay
class Mine extends Cart { go() { return this.pay(); } }
//                 ^ leads to Cart
//                                           ^ leads to Cart.pay
declare const shape: Lib.Shape, far: Lib.inner.Far;
shape.cart.pay();
//    ^ leads to Shape.cart
//         ^ leads to Cart.pay
far.far.pay();
//  ^ leads to Far.far
Lib.inner.deep.pay();
//        ^ leads to inner.deep
//             ^ leads to Cart.pay
new Lib.Cart().pay();
//             ^ leads to Cart.pay
// @file: names.ts
import * as base from './base';
export namespace Names {
  export import hook = base.hook;
  export import Cart = base.Cart;
  import hidden = base.inner;
  export const shown = hidden.deep;
}
Names.hook().pay();
//    ^ leads to hook
//           ^ leads to Cart.pay
Names.shown.pay();
//          ^ leads to Cart.pay
export import Again = Names.Cart;
// @file: further.ts
import { Names, Again } from './names';
new Names.Cart().pay();
//               ^ leads to Cart.pay
new Again().pay();
//          ^ leads to Cart.pay
import Short = Names.Cart;
declare const short: Short;
short.pay();
//    ^ leads to Cart.pay
