class Cart { pay() {} static open() { return new this(); } }
class Basket extends Cart { carry() {} }
Cart.open().pay();
//          ^ leads to Cart.pay
const Type = Cart;
new Type().pay();
//         ^ leads to Cart.pay
Type.open();
//   ^ leads to Cart.open
function make(Kind = Cart) { return new Kind(); }
make().pay();
//     ^ leads to Cart.pay
const made: typeof Basket = Basket;
new made().carry();
//         ^ leads to Basket.carry
class Shop { Type = Cart; make() { return new this.Type(); } }
new Shop().make().pay();
//                ^ leads to Cart.pay
