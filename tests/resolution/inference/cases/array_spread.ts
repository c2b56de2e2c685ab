class Cart { pay() {} }
declare const carts: Cart[], set: Set<Cart>;
[...carts][0].pay();
//            ^ leads to Cart.pay
[...carts, new Cart()].map((cart) => cart.pay());
//                                        ^ leads to Cart.pay
const copy = [...set];
copy[0].pay();
//      ^ leads to Cart.pay
