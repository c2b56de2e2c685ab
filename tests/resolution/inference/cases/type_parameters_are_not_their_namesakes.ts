class T { pay() {} }
class Cart { pay() {} }
function same<T>(of: T): T { return of; }
same(new Cart()).pay();
//               ^ leads to Cart.pay
class Box<T> { value!: T; own(given: T) { (given as any).x; return given; } }
declare const box: Box<Cart>;
box.own(new Cart()).pay();
//                  ^ leads to Cart.pay
new T().pay();
//      ^ leads to T.pay
