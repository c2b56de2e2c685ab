namespace A.B { export class Cart { pay() {} } }
namespace A { export namespace C { export const cart = new B.Cart(); } }
new A.B.Cart().pay();
//             ^ leads to Cart.pay
A.C.cart.pay();
//  ^ leads to C.cart
//       ^ leads to Cart.pay
