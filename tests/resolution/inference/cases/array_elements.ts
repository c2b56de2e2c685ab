class Cart { pay() {} }
declare const carts: Cart[], others: Array<Cart>, fixed: readonly Cart[], kept: ReadonlyArray<Cart>;
carts[0].pay();
//       ^ leads to Cart.pay
others[1].pay();
//        ^ leads to Cart.pay
fixed[2].pay();
//       ^ leads to Cart.pay
kept[3].pay();
//      ^ leads to Cart.pay
const at = 1;
carts[at].pay();
//        ^ leads to Cart.pay
carts[carts.length - 1]!.pay();
//                       ^ leads to Cart.pay
const made = [new Cart(), new Cart()];
made[0].pay();
//      ^ leads to Cart.pay
const grid: Cart[][] = [];
grid[0][0].pay();
//         ^ leads to Cart.pay
carts.length;
//    ^ external
