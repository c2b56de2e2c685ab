// @file: types.ts
export class Cart { pay() {} }
export type Basket = Cart;
export type Carts = Basket[];
export type Shape = { side: number; inner: Basket };
// @file: main.ts
import type { Basket, Carts, Shape } from './types';
declare const basket: Basket, carts: Carts, shape: Shape;
basket.pay();
//     ^ leads to Cart.pay
carts[0].pay();
//       ^ leads to Cart.pay
shape.side;
//    ^ leads to side@5
shape.inner.pay();
//    ^ leads to inner@5
//          ^ leads to Cart.pay
