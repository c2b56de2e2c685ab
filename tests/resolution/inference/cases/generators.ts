class Cart { pay() {} }
function* carts() { yield new Cart(); }
function* typed(): Generator<Cart> { yield new Cart(); }
class Shop { *[Symbol.iterator]() { yield new Cart(); } *all() { yield new Cart(); } }
for (const cart of carts()) cart.pay();
//                               ^ leads to Cart.pay
for (const cart of typed()) cart.pay();
//                               ^ leads to Cart.pay
for (const cart of new Shop().all()) cart.pay();
//                                        ^ leads to Cart.pay
for (const cart of new Shop()) cart.pay();
//                                  ^ leads to Cart.pay
[...carts()][0].pay();
//              ^ leads to Cart.pay
carts().next().value!.pay();
//                    ^ leads to Cart.pay
