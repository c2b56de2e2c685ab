class Cart { pay() {} }
const shop = {};
shop.cart = new Cart();
shop.cart.pay();
//        ^ leads to Cart.pay
function open() {}
open.shared = new Cart();
open.shared.pay();
//          ^ leads to Cart.pay
