class Cart { run() {} }
class Shop { run() {} }
function one(given = new Cart()) { given.run(); }
//                                       ^ leads to Cart.run
function two(given) { given = given || new Shop(); given.run(); }
//                                                       ^ unknown
function three(options) { const run = options.run || new Cart().run; run(); }
//                                            ^ unknown
//                                                              ^ leads to Cart.run
function four(given) { const it = given ? given : new Cart(); it.run(); }
//                                                               ^ wrong: heuristic Cart.run
one; two; three; four;
