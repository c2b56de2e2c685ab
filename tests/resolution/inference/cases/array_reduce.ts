class Cart { total = 1; }
class Sum { add(cart: Cart) { cart; return this; } }
declare const carts: Cart[];
carts.reduce((sum, cart) => sum.add(cart), new Sum()).add(carts[0]);
//                              ^ leads to Sum.add
//                                                    ^ leads to Sum.add
carts.reduce((sum, cart) => { sum.total; return cart; }).total;
//                                ^ leads to Cart.total
//                                                       ^ leads to Cart.total
carts.reduce((sum, cart) => sum + cart.total, 0);
//                                     ^ leads to Cart.total
carts.reduce<Sum>((sum, cart) => { sum.add(cart); return sum; }, new Sum());
//                                     ^ leads to Sum.add
carts.reduce((by, cart) => { by[cart.total] = cart; return by; }, {} as Record<string, Cart>).x.total;
//                                   ^ leads to Cart.total
//                                                                                              ^ leads to Cart.total
