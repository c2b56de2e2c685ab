class Cart { pay() {} }
class Shop { sell() {} }
const both = Object.assign(new Cart(), { shop: new Shop() });
both.pay();
//   ^ leads to Cart.pay
both.shop.sell();
//   ^ leads to shop@3
//        ^ leads to Shop.sell
const function_ = Object.assign(() => new Cart(), { shop: new Shop() });
function_().pay();
//          ^ leads to Cart.pay
function_.shop.sell();
//             ^ leads to Shop.sell
