class Cart { length = 1; pay() {} }
interface Pay { (): Cart; length: 2 }
declare const given: Cart | string | (() => Cart) | Cart[];
if (typeof given === 'string') given.length;
//                                   ^ external
if (typeof given === 'function') given().pay();
//                                       ^ leads to Cart.pay
else if (Array.isArray(given)) given[0].pay();
//                                      ^ leads to Cart.pay
else if (typeof given !== 'string') given.pay();
//                                        ^ leads to Cart.pay
declare const called: Pay | Cart;
if (typeof called === 'function') called.length; else called.length;
//                                       ^ leads to Pay.length
//                                                           ^ leads to Cart.length
if (typeof called === 'object') called.length;
//                                     ^ leads to Cart.length
switch (typeof called) { case 'object': called.length; }
//                                             ^ leads to Cart.length
declare const maybe: Cart | undefined;
if (typeof maybe !== 'undefined') maybe.pay();
//                                      ^ leads to Cart.pay
