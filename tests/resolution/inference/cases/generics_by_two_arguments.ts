class Cart { pay() {} }
class Shop { sell() {} }
function pair<A, B>(a: A, b: B): [A, B] { return [a, b]; }
const [cart, shop] = pair(new Cart(), new Shop());
cart.pay();
//   ^ leads to Cart.pay
shop.sell();
//   ^ leads to Shop.sell
function joined<A, B>(a: A, b: B): A & B { return Object.assign(a as any, b); }
joined(new Cart(), new Shop()).sell();
//                             ^ leads to Shop.sell
joined(new Cart(), new Shop()).pay();
//                             ^ leads to Cart.pay
