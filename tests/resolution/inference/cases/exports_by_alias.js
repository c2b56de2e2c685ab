// @file: lib.js
var api = (exports = module.exports);
class Cart { pay() {} }
api.cart = new Cart();
exports.make = () => new Cart();
// @file: main.js
const api = require('./lib');
api.cart.pay();
//       ^ leads to Cart.pay
api.make().pay();
//         ^ leads to Cart.pay
