// @file: types.d.ts
interface Shop<A = any> { pay(): void }
declare function shop<A>(config: Shop.Config | string): Shop<A>;
declare namespace shop {
  export { shop, shop as default, Shop };
  export class Till { open(): void }
}
declare namespace Shop { interface Config { client: string } }
export = shop;
// @file: whole.d.ts
declare namespace Whole { const one: number; interface Two { two: number } }
export = Whole;
// @file: cjs.js
function handle() {}
handle.early = 1;
module.exports = handle;
// @file: main.ts
import { shop, Shop } from './types';
import byDefault, { Shop as Renamed } from './types';
import * as star from './types';
import * as Whole from './whole';
import * as handle from './cjs';
const made: Shop = shop("a");
//          ^ leads to Shop
//                 ^ leads to shop
made.pay();
//   ^ leads to Shop.pay
new shop.Till().open();
//              ^ leads to shop.Till.open
byDefault("a").pay();
// <- leads to shop
//             ^ leads to Shop.pay
declare const config: Shop.Config;
//                         ^ leads to Shop.Config
config.client;
//     ^ leads to Shop.Config.client
declare const renamed: Renamed;
//                     ^ leads to Shop
renamed.pay();
//      ^ leads to Shop.pay
star.shop("a").pay();
// <- leads to shop
//             ^ leads to Shop.pay
Whole.one;
// <- leads to Whole
//    ^ leads to Whole.one
declare const two: Whole.Two;
//                       ^ leads to Whole.Two
two.two;
handle.early;
// <- leads to handle
//     ^ leads to handle.early
