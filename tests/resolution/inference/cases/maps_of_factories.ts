class Cart { pay() {} }
class Shop { sell() {} }
const make = { cart: () => new Cart(), shop: () => new Shop() };
make.cart().pay();
//          ^ leads to Cart.pay
make['shop']().sell();
//             ^ leads to Shop.sell
const types = { Cart, Shop };
new types.Cart().pay();
//               ^ leads to Cart.pay
const list = [Cart];
new list[0]().pay();
//            ^ leads to Cart.pay
