class Cart { length = 1; map() { return this; } }
declare const some: Cart | string, list: Cart | Cart[];
if (typeof some === 'string') some.length;
//                                 ^ external
if (Array.isArray(list)) list.map((cart) => cart.length);
//                            ^ external
//                                               ^ leads to Cart.length
