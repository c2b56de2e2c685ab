// @file: lib.js
class Cart { pay() {} }
function make() { return new Cart(); }
module.exports = { Cart, make, shared: new Cart(), inline() { return new Cart(); } };
// @file: named.js
const { Cart } = require('./lib');
exports.cart = new Cart();
module.exports.other = new Cart();
// @file: main.js
const lib = require('./lib');
const { make, shared } = require('./lib');
const named = require('./named');
new lib.Cart().pay();
//             ^ leads to Cart.pay
lib.make().pay();
//         ^ leads to Cart.pay
lib.shared.pay();
//         ^ leads to Cart.pay
lib.inline().pay();
//           ^ leads to Cart.pay
make().pay();
//     ^ leads to Cart.pay
shared.pay();
//     ^ leads to Cart.pay
named.cart.pay();
//         ^ leads to Cart.pay
named.other.pay();
//          ^ leads to Cart.pay
require('./lib').make().pay();
//                      ^ leads to Cart.pay
