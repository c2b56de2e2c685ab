// @file: shop.ts
export namespace Shop {
  export class Cart { pay() {} }
  export const shared = new Cart();
  export namespace Deep { export function make() { return shared; } }
  export interface Options { depth: number }
}
// @file: main.ts
import { Shop } from './shop';
new Shop.Cart().pay();
//              ^ leads to Cart.pay
Shop.shared.pay();
//   ^ leads to Shop.shared
//          ^ leads to Cart.pay
Shop.Deep.make().pay();
//   ^ leads to Shop.Deep
//        ^ leads to Deep.make
//               ^ leads to Cart.pay
declare const options: Shop.Options, cart: Shop.Cart;
options.depth;
//      ^ leads to Options.depth
cart.pay();
//   ^ leads to Cart.pay
import Deep = Shop.Deep;
Deep.make().pay();
//   ^ leads to Deep.make
//          ^ leads to Cart.pay
