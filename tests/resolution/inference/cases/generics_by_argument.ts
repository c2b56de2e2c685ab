class Cart { pay() {} }
function same<T>(of: T): T { return of; }
function first<T>(of: T[]): T { return of[0]; }
function boxed<T>(of: T) { return { inside: of }; }
function called<R>(make: () => R): R { return make(); }
same(new Cart()).pay();
//               ^ leads to Cart.pay
first([new Cart()]).pay();
//                  ^ leads to Cart.pay
boxed(new Cart()).inside.pay();
//                ^ leads to inside@4
//                       ^ leads to Cart.pay
called(() => new Cart()).pay();
//                       ^ leads to Cart.pay
same<Cart>(JSON.parse('')).pay();
//                         ^ leads to Cart.pay
