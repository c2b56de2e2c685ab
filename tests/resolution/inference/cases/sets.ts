class Cart { pay() {} }
const set = new Set<Cart>();
set.forEach((cart) => cart.pay());
//                         ^ leads to Cart.pay
for (const cart of set) cart.pay();
//                           ^ leads to Cart.pay
const [first] = set;
first.pay();
//    ^ leads to Cart.pay
new Set([new Cart()]).forEach((cart) => cart.pay());
//                                           ^ leads to Cart.pay
set.add(new Cart()).forEach((cart) => cart.pay());
//                                         ^ leads to Cart.pay
class Shop { private carts: Set<Cart> = new Set(); all() { this.carts.forEach((c) => c.pay()); } }
//                                                                                     ^ leads to Cart.pay
Shop;
