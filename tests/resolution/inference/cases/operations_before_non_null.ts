class Coin { worth = 1; }
class Cart { coin?: Coin; coins: Coin[] = []; again?(): Cart | undefined; size = 0; }
declare const cart: Cart, carts: Map<string, Cart>, shop: { load(): Promise<Cart> } | null, size: number;
size + cart.coin!.worth;
//                ^ leads to Coin.worth
size === carts.get('a')!.coins[0].worth;
//                       ^ leads to Cart.coins
//                                ^ leads to Coin.worth
if (size > 1 && !carts.get('a')!.coin!.worth) {}
//                               ^ leads to Cart.coin
//                                     ^ leads to Coin.worth
typeof cart.coin!.worth;
//                ^ leads to Coin.worth
-cart.again!()!.size;
//              ^ leads to Cart.size
size + size * cart.again!()!.coins[0]!.worth + cart.coin!.worth;
//                           ^ leads to Cart.coins
//                                     ^ leads to Coin.worth
//                                                        ^ leads to Coin.worth
const either = carts.get('a') || carts.get('b')!;
either.coins;
//     ^ leads to Cart.coins
const second = carts.get('a') && carts.get('b')!.coin;
second?.worth;
//      ^ leads to Coin.worth
const first = carts.get('a')?.coins || carts.get('b')!.coins;
first[0].worth;
//       ^ leads to Coin.worth
const sum = size + carts.get('b')!.coins;
sum.worth;
//  ^ external
async function run() {
  const loaded = await shop!.load();
  loaded.coins;
//       ^ leads to Cart.coins
  const other = (await shop!.load()) ?? cart;
  other.coins;
//      ^ leads to Cart.coins
  return size + (await shop!.load()).coins[0]!.worth;
//                                   ^ leads to Cart.coins
//                                             ^ leads to Coin.worth
}
run;
(cart.coin || new Coin())!.worth;
//                         ^ leads to Coin.worth
