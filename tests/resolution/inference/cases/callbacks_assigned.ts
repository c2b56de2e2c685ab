class Cart { pay() {} }
let run: (cart: Cart) => void;
run = (cart) => cart.pay();
//                   ^ leads to Cart.pay
class Shop { done?: (cart: Cart) => void; kept: (cart: Cart) => void = (cart) => cart.pay(); }
//                                                                                    ^ leads to Cart.pay
const shop = new Shop();
shop.done = (cart) => { cart.pay(); };
//                           ^ leads to Cart.pay
run;
