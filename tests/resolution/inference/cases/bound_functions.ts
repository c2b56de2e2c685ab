class Cart { pay() {} }
function make() { return new Cart(); }
make.call(null).pay();
//              ^ wrong: leads to Cart.pay
make.apply(null).pay();
//               ^ wrong: leads to Cart.pay
make.bind(null)().pay();
//                ^ wrong: leads to Cart.pay
make.name;
//   ^ external
