class Cart { pay() {} }
interface Shop { cart: Cart }
function pick<T, K extends keyof T>(of: T, key: K): T[K] { return of[key]; }
declare const shop: Shop;
pick(shop, 'cart').pay();
//                 ^ leads to Cart.pay
shop['cart'].pay();
//           ^ leads to Cart.pay
class Coin { spend() {} }
interface Till { cart: Cart; coin: Coin }
type Names = keyof Till;
type Known<K> = Till[K & Names];
declare const known: Known<'coin'>;
known.spend();
//    ^ leads to Coin.spend
type Any<T, K> = T[K & string];
declare const any: Any<Till, 'cart'>;
any.pay();
//  ^ leads to Cart.pay
declare const either: Till['cart' | 'coin'];
if (either instanceof Coin) either.spend();
//                                 ^ leads to Coin.spend
