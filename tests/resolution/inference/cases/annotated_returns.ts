class Cart { pay() {} }
declare function one(): Cart;
const two = (): Cart => JSON.parse('');
class Shop { open(): Cart { throw 1; } static close(): Cart { throw 1; } get cart(): Cart { throw 1; } }
one().pay();
//    ^ leads to Cart.pay
two().pay();
//    ^ leads to Cart.pay
new Shop().open().pay();
//                ^ leads to Cart.pay
Shop.close().pay();
//           ^ leads to Cart.pay
new Shop().cart.pay();
//              ^ leads to Cart.pay
