class Cart { run() { return new Cart(); } }
class Shop { run() { return new Shop(); } }
declare function cart(): Cart;
declare function shop(): Shop;
const both = [cart, shop] as const;
both[1]().run();
//        ^ leads to Shop.run
const [, second] = both;
second().run();
//       ^ leads to Shop.run
const nested = { of: [[cart(), shop()]] } as const;
nested.of[0][1].run();
//              ^ leads to Shop.run
const [one, two] = [cart(), shop()];
one.run();
//  ^ leads to Cart.run
two.run();
//  ^ leads to Shop.run
let later, latest;
[later, latest] = [cart(), shop()];
const either = Math.random() > 0.5 ? cart : shop;
either().run();
//       ^ heuristic Cart.run or Shop.run
new (Math.random() > 0.5 ? Cart : Shop)().run();
//                                        ^ heuristic Cart.run or Shop.run
const list = [cart(), shop()];
list[1].run();
//      ^ heuristic Cart.run or Shop.run
declare function same<T>(of: T): T;
same([cart(), shop()])[1].run();
//                        ^ heuristic Cart.run or Shop.run
declare function tuple<T extends unknown[] | []>(of: T): T;
tuple([cart(), shop()])[1].run();
//                         ^ leads to Shop.run
declare function swapped<A, B>(of: [A, B]): [B, A];
swapped([cart(), shop()])[0].run();
//                           ^ leads to Shop.run
async function load() {
  const [first, other] = await Promise.all([import('./cart'), import('./shop')]);
  other.default.name;
//      ^ leads to Other
  const all = await Promise.all([Promise.resolve(cart()), shop()]);
  all[1].run();
//       ^ leads to Shop.run
  return first;
}
load();
// @file: cart.ts
export default class First {}
// @file: shop.ts
export default class Other {}
