// A rest parameter that lists what it takes is as many parameters.
// @file: main.ts
class Cart { pay() {} }
class Coin { spend() {} }
class Purse { open() {} }
type Handler<T> = (of: T, next: Cart) => void;
type Either<T> = Handler<T> | ((of: T, next: Cart) => Promise<void>);
interface Routes {
  (one: Either<Cart>): Cart;
  (...both: [Either<Cart> & { own?: 1 }, Either<Coin>]): Coin;
  (path: string, one: Either<Purse>): Purse;
  (path: string, ...both: [Either<Purse>, Either<Coin>]): { coin: Coin };
}
declare const route: Routes;
route((of) => of.pay()).pay();
//               ^ leads to Cart.pay
//                      ^ leads to Cart.pay
route((of) => of.pay(), (of) => of.spend()).spend();
//               ^ leads to Cart.pay
//                                 ^ leads to Coin.spend
//                                          ^ leads to Coin.spend
route('/', (of) => of.open()).open();
//                    ^ leads to Purse.open
//                            ^ leads to Purse.open
route('/', (of, next) => { next.pay(); }).open();
//                              ^ leads to Cart.pay
//                                        ^ leads to Purse.open
route('/', (of) => of.open(), (of) => of.spend()).coin.spend();
//                    ^ leads to Purse.open
//                                       ^ leads to Coin.spend
//                                                     ^ leads to Coin.spend
declare function on(name: number, ...given: [first: Cart, second?: Coin]): Cart;
declare function on(name: string, ...given: [first: Purse, ...more: Cart[]]): Purse;
on(1, new Cart()).pay();
//                ^ leads to Cart.pay
on(1, new Cart(), new Coin()).pay();
//                            ^ leads to Cart.pay
on('x', new Purse(), new Cart(), new Cart()).open();
//                                           ^ leads to Purse.open
declare function each(...given: [path: string, ...run: ((of: Coin) => void)[]]): void;
each('x', (of) => of.spend(), (of) => of.spend());
//                   ^ leads to Coin.spend
//                                       ^ leads to Coin.spend
declare function last(...given: [...Cart[], (of: Coin) => void]): void;
last(new Cart(), (of) => of.spend());
//                          ^ gap: leads to Coin.spend
function take(...given: [Cart, Coin]) { given[1].spend(); }
//                                               ^ leads to Coin.spend
type Named = [cart: Cart, ...coins: Coin[]];
declare const named: Named;
named[0].pay();
//       ^ leads to Cart.pay
declare function plain(of: Cart[]): Cart;
declare function plain(of: string): Purse;
plain('x').open();
//         ^ leads to Purse.open
declare function aliased(of: Either<Cart>): Cart;
declare function aliased(of: number): Purse;
aliased(1).open();
//         ^ leads to Purse.open
declare function boxed(of: { cart: Cart } & { coin: Coin }): Cart;
declare function boxed(of: boolean): Purse;
boxed(true).open();
//          ^ leads to Purse.open
declare function maybe(of: Either<Cart> | string): Cart;
declare function maybe(of: string, more?: number): Purse;
maybe('x').pay();
//         ^ leads to Cart.pay
declare function pick(...of: [Cart, Coin]): Cart;
declare function pick(...of: [Cart, Coin?]): Coin;
declare function pick(): Purse;
pick(new Cart()).spend();
//               ^ leads to Coin.spend
pick(new Cart(), new Coin()).pay();
//                           ^ leads to Cart.pay
pick().open();
//     ^ leads to Purse.open
