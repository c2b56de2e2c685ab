// @file: cart.js
module.exports = class Cart { pay() {} };
// @file: shop.js
class Shop { sell() { return this; } }
module.exports = new Shop();
// @file: main.js
const Cart = require('./cart');
const shop = require('./shop');
new Cart().pay();
//         ^ leads to Cart.pay
shop.sell().sell();
//   ^ leads to Shop.sell
//          ^ leads to Shop.sell
