class Cart { pay() {} }
class Shop { sell() {} }
function one() { var it = new Cart(); it.pay(); }
//                                       ^ leads to Cart.pay
function two() { var it = new Shop(); it.sell(); }
//                                       ^ leads to Shop.sell
if (one) { let it = new Cart(); it.pay(); } else { let it = new Shop(); it.sell(); }
//                                 ^ leads to Cart.pay
//                                                                         ^ leads to Shop.sell
two;
