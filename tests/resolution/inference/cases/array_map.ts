class Cart { pay() {} shop = new Shop(); }
class Shop { sell() {} }
declare const carts: Cart[];
carts.map((cart) => cart.shop)[0].sell();
//                       ^ leads to Cart.shop
//                                ^ leads to Shop.sell
carts.map((cart) => ({ inner: cart.shop }))[0].inner.sell();
//                                             ^ leads to inner@7
//                                                   ^ leads to Shop.sell
carts.map(function (cart) { return cart.shop; }).map((shop) => shop.sell());
//                                      ^ leads to Cart.shop
//                                                                  ^ leads to Shop.sell
carts.map(({ shop }) => shop)[0].sell();
//           ^ leads to Cart.shop
//                               ^ leads to Shop.sell
carts.map((cart, index, all) => all[0].pay());
//                                     ^ leads to Cart.pay
