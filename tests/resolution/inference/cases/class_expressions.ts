const Cart = class { pay() {} static open() { return new Cart(); } };
new Cart().pay();
//         ^ leads to Cart.pay
Cart.open().pay();
//   ^ leads to Cart.open
//          ^ leads to Cart.pay
const Named = class Inner { sell() { new Inner().sell(); } };
//                                               ^ leads to Named.sell
new Named().sell();
//          ^ leads to Named.sell
function make() { return class { late() {} }; }
new (make())().late();
//             ^ gap: leads to make.late
