class Cart { pay() {} }
declare const some: Promise<Cart>;
some.then((cart) => cart.pay(), (why) => why.pay());
//                       ^ leads to Cart.pay
//                                           ^ unknown
some.catch((why) => why.pay());
//                      ^ unknown
some.then(() => {}).then((nothing) => (nothing as any).pay());
//                                                     ^ unknown
some.then(async (cart) => cart).then((cart) => cart.pay());
//                                                  ^ leads to Cart.pay
