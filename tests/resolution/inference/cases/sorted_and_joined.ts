class Cart { pay() {} size = 1; }
declare const carts: Cart[];
[...carts].sort((a, b) => a.size - b.size)[0].pay();
//                          ^ leads to Cart.size
//                                   ^ leads to Cart.size
//                                            ^ leads to Cart.pay
carts.map((cart) => cart.size).join(',').length;
//                                       ^ external
carts.entries().next().value![1].pay();
//                               ^ leads to Cart.pay
carts.keys().next();
//           ^ gap: external
carts.indexOf(carts[0]).toFixed();
//                      ^ gap: external
carts.includes(carts[0]).valueOf();
//                       ^ gap: external
