// @file: lib.ts
export class Cart { pay() {} }
export const cart = new Cart();
export default class Shop { sell() {} }
// @file: main.ts
async function run() {
  const lib = await import('./lib');
  lib.cart.pay();
//    ^ leads to cart@3
//         ^ leads to Cart.pay
  new lib.Cart().pay();
//               ^ leads to Cart.pay
  new lib.default().sell();
//                  ^ leads to Shop.sell
  const { cart, default: Shop } = await import('./lib');
//        ^ leads to cart@3
  cart.pay();
//     ^ leads to Cart.pay
  new Shop().sell();
//           ^ leads to Shop.sell
  (await import('./lib')).cart.pay();
//                        ^ leads to cart@3
//                             ^ leads to Cart.pay
  import('./lib').then((module) => module.cart.pay());
//                                        ^ leads to cart@3
//                                             ^ leads to Cart.pay
  import('./lib').then(({ cart }) => cart.pay());
//                        ^ leads to cart@3
//                                        ^ leads to Cart.pay
}
run;
