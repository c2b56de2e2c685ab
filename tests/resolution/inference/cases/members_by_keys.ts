class Cart { pay() {} }
class Shop { sell() {} }
interface Config { cart: Cart; shops: Shop[]; pair: [Cart, Shop] }
declare function get<K extends keyof Config>(key: K): Config[K];
get('cart').pay(), get('shops')[0].sell();
//          ^ leads to Cart.pay
//                                 ^ leads to Shop.sell
class Store<T> {
  get<K extends keyof T>(key: K): T[K] { throw key; }
  on<K extends keyof T>(key: K, run: (of: T[K]) => void) { run; return key; }
}
new Store<Config>().get('cart').pay();
//                              ^ leads to Cart.pay
new Store<Config>().on('shops', (of) => of[0].sell());
//                                            ^ leads to Shop.sell
type Pair = Config['pair'];
declare const first: Pair[0], second: Config['pair'][1], which: string;
first.pay(), second.sell();
//    ^ leads to Cart.pay
//                  ^ leads to Shop.sell
declare function read(name: 'cart'): Cart;
declare function read(name: 'shop'): Shop;
declare function read(name: string): number;
read('cart').pay(), read('shop').sell();
//           ^ leads to Cart.pay
//                               ^ leads to Shop.sell
read(which), second;
