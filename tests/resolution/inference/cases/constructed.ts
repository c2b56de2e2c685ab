// @file: cart.ts
export class Cart { pay() {} copy() { return new Cart(); } }
export default class Shop { sell() {} }
// @file: main.ts
import Store, { Cart as Basket } from './cart';
import * as lib from './cart';
const basket = new Basket();
basket.pay();
//     ^ leads to Cart.pay
new Basket().copy().pay();
//           ^ leads to Cart.copy
//                  ^ leads to Cart.pay
new Store().sell();
//          ^ leads to Shop.sell
new lib.Cart().pay();
//             ^ leads to Cart.pay
(new Basket).pay();
//           ^ leads to Cart.pay
new lib.default().sell();
//                ^ leads to Shop.sell
const { Cart } = lib;
new Cart().pay();
//         ^ leads to Cart.pay
