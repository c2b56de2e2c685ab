class Cart { pay() {} }
let shared = null;
function start() { shared = new Cart(); }
function use() { shared.pay(); }
//                      ^ unknown
class Shop {
  constructor() { this.cart = null; }
  open() { this.cart = new Cart(); }
  run() { this.cart.pay(); }
//             ^ leads to cart@7
//                  ^ gap: leads to Cart.pay
}
start; use; Shop;
