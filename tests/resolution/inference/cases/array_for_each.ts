class Cart { pay() {} }
declare const carts: Cart[];
carts.forEach((cart) => { cart.pay(); });
//                             ^ leads to Cart.pay
carts.forEach(function (cart, index) { cart.pay(); index.toFixed(); });
//                                          ^ leads to Cart.pay
//                                                       ^ external
[new Cart()].forEach((cart) => cart.pay());
//                                  ^ leads to Cart.pay
