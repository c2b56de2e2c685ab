// @file: cart.ts
export class Cart { pay() {} }
// @file: shop.ts
import { Cart } from './cart';
export class Shop {
  private cart: Cart;
  readonly next?: Cart;
  static last: Cart;
  declare lent: Cart;
  sell() {
    this.cart.pay();
//            ^ leads to Cart.pay
    this.next?.pay();
//             ^ leads to Cart.pay
    Shop.last.pay();
//            ^ leads to Cart.pay
    this.lent.pay();
//            ^ leads to Cart.pay
  }
}
// @file: main.ts
import { Shop } from './shop';
declare const shop: Shop;
shop.next!.pay();
//         ^ leads to Cart.pay
Shop.last.pay();
//        ^ leads to Cart.pay
