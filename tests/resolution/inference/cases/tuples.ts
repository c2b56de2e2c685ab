class Cart { pay() {} }
class Shop { sell() {} }
declare const pair: [Cart, Shop], named: [first: Cart, second?: Shop], open: [Shop, ...Cart[]];
pair[0].pay();
//      ^ leads to Cart.pay
pair[1].sell();
//      ^ leads to Shop.sell
named[1]?.sell();
//        ^ leads to Shop.sell
open[0].sell();
//      ^ leads to Shop.sell
open[2].pay();
//      ^ leads to Cart.pay
const [cart, shop] = pair;
cart.pay();
//   ^ leads to Cart.pay
shop.sell();
//   ^ leads to Shop.sell
const [, ...rest] = open;
rest[0].pay();
//      ^ leads to Cart.pay
