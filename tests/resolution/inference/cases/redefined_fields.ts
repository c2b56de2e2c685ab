class Cart { pay() {} }
class Basket extends Cart { carry() {} }
class Shop { held: Cart = new Cart(); }
class Market extends Shop { held: Basket = new Basket(); run() { this.held.carry(); } }
//                                                                    ^ leads to Market.held
//                                                                         ^ leads to Basket.carry
declare const market: Market, shop: Shop;
market.held.pay();
//     ^ leads to Market.held
//          ^ leads to Cart.pay
shop.held;
//   ^ leads to Shop.held
