class Cart { pay() {} }
class Shop { sell() {} }
declare function open(name: string): Cart;
declare function open(id: number): Shop;
open('a').pay();
//        ^ leads to Cart.pay
open(1).sell();
//      ^ leads to Shop.sell
interface Maker { make(kind: 'cart'): Cart; make(kind: 'shop'): Shop }
declare const maker: Maker;
maker.make('cart').pay();
//                 ^ leads to Cart.pay
maker.make('shop').sell();
//                 ^ leads to Shop.sell
declare function pick(id: 1): Cart;
declare function pick(id: 2): Shop;
declare function pick(id: boolean): Maker;
pick(2).sell();
//      ^ gap: leads to Shop.sell
pick(true).make('cart');
//         ^ leads to Maker.make
declare const name: string;
open(name).pay();
//         ^ leads to Cart.pay
declare const id: number;
open(id).sell();
//       ^ leads to Shop.sell
