// @file: shop.ts
export class Cart { pay() {} }
export class Shop { on(name: string, run: (cart: Cart) => void): this { run(new Cart()); return this; } }
// @file: main.ts
import { Shop } from './shop';
new Shop()
  .on('a', (cart) => cart.pay())
//                        ^ leads to Cart.pay
  .on('b', (cart) => { cart.pay(); });
//                          ^ leads to Cart.pay
