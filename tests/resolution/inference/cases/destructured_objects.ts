class Cart { pay() {} shop = new Shop(); }
class Shop { sell() {} }
declare const cart: Cart;
const { shop, pay } = cart;
//      ^ leads to Cart.shop
//            ^ leads to Cart.pay
shop.sell();
//   ^ leads to Shop.sell
pay();
let other: Shop;
({ shop: other } = cart);
// ^ leads to Cart.shop
other.sell();
//    ^ leads to Shop.sell
