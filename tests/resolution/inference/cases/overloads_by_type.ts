class Cart { pay() {} }
class Shop { sell() {} }
declare function open(name: string): Cart;
declare function open(id: number): Shop;
open('a').pay();
//        ^ leads to Cart.pay
open(1).sell();
//      ^ gap: leads to Shop.sell
interface Maker { make(kind: 'cart'): Cart; make(kind: 'shop'): Shop }
declare const maker: Maker;
maker.make('cart').pay();
//                 ^ leads to Cart.pay
maker.make('shop').sell();
//                 ^ leads to Shop.sell
