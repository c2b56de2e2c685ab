class Cart { pay() {} open = true; }
declare const carts: Cart[], mixed: (Cart | null)[];
const open = carts.filter((cart) => cart.open);
//                                       ^ leads to Cart.open
open[0].pay();
//      ^ leads to Cart.pay
carts.filter(Boolean).forEach((cart) => cart.pay());
//                                           ^ leads to Cart.pay
mixed.filter((one): one is Cart => one !== null)[0].pay();
//                                                  ^ leads to Cart.pay
