class Cart { pay() {} }
interface Shop { cart: Cart }
function pick<T, K extends keyof T>(of: T, key: K): T[K] { return of[key]; }
declare const shop: Shop;
pick(shop, 'cart').pay();
//                 ^ leads to Cart.pay
shop['cart'].pay();
//           ^ leads to Cart.pay
