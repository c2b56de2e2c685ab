// @file: box.ts
export class Box<T> {
  constructor(public value: T, public readonly more: T[] = []) {}
  get(): T { return this.value; }
  map<U>(change: (value: T) => U): Box<U> { return new Box(change(this.value)); }
}
// @file: main.ts
import { Box } from './box';
class Cart { pay() {} }
class Shop { sell() {} cart = new Cart(); }
const written: Box<Cart> = JSON.parse('');
written.get().pay();
//            ^ leads to Cart.pay
written.value.pay();
//      ^ leads to Box.value
//            ^ leads to Cart.pay
const given = new Box<Shop>(JSON.parse(''));
given.get().sell();
//          ^ leads to Shop.sell
const inferred = new Box(new Shop());
inferred.get().sell();
//             ^ leads to Shop.sell
inferred.more[0].sell();
//       ^ leads to Box.more
//               ^ leads to Shop.sell
inferred.map((shop) => shop.cart).get().pay();
//                          ^ leads to Shop.cart
//                                      ^ leads to Cart.pay
