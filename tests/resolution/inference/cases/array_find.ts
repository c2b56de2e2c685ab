class Cart { pay() {} id = 1; }
declare const carts: Cart[];
const found = carts.find((cart) => cart.id === 1);
//                                      ^ leads to Cart.id
found?.pay();
//     ^ leads to Cart.pay
carts.findLast((cart) => cart.id)!.pay();
//                            ^ leads to Cart.id
//                                 ^ leads to Cart.pay
carts.some((cart) => cart.id);
//                        ^ leads to Cart.id
carts.every((cart) => cart.id);
//                         ^ leads to Cart.id
carts.findIndex((cart) => cart.id);
//                             ^ leads to Cart.id
