class Cart { pay() {} }
class Shop { sell() {} }
function open(): Cart;
function open(name: string): Shop;
function open(name?: string): Cart | Shop { return name ? new Shop() : new Cart(); }
open().pay();
//     ^ leads to Cart.pay
open('a').sell();
//        ^ leads to Shop.sell
interface Api { get(): Cart; get(id: number): Shop }
declare const api: Api;
api.get().pay();
//        ^ leads to Cart.pay
api.get(1).sell();
//         ^ leads to Shop.sell
class Door { in(): Cart; in(key: string): Shop; in(key?: string): any { return key; } }
new Door().in().pay();
//              ^ leads to Cart.pay
new Door().in('k').sell();
//                 ^ leads to Shop.sell
