class Cart { pay() {} shop = new Shop(); load(): Promise<Shop> { throw 1; } }
class Shop { sell() {} }
declare const some: Promise<Cart>;
some.then((cart) => cart.pay());
//                       ^ leads to Cart.pay
some.then((cart) => cart.shop).then((shop) => shop.sell());
//                       ^ leads to Cart.shop
//                                                 ^ leads to Shop.sell
some.then((cart) => cart.load()).then((shop) => shop.sell());
//                       ^ leads to Cart.load
//                                                   ^ leads to Shop.sell
some.catch(() => null).then((cart) => cart?.pay());
//                                          ^ leads to Cart.pay
some.finally(() => {}).then((cart) => cart.pay());
//                                         ^ leads to Cart.pay
some.then(function (cart) { cart.pay(); });
//                               ^ leads to Cart.pay
