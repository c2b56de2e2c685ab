class Cart { length = 1; map() { return this; } }
declare const some: Cart | string, list: Cart | Cart[];
if (typeof some === 'string') some.length;
//                                 ^ wrong: external
if (Array.isArray(list)) list.map((cart) => cart.length);
//                            ^ wrong: external
//                                               ^ gap: leads to Cart.length
