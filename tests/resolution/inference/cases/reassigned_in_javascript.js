class Cart { pay() {} }
let shared = null;
function start() { shared = new Cart(); }
function use() { shared.pay(); }
//                      ^ leads to Cart.pay
class Shop {
  constructor() { this.cart = null; }
  open() { this.cart = new Cart(); }
  run() { this.cart.pay(); }
//             ^ leads to cart@7
//                  ^ leads to Cart.pay
}
start; use; Shop;
