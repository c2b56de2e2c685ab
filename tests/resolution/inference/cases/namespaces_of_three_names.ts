namespace A.B.C {
  export class Cart { pay() {} }
  export interface Shop { cart: Cart }
}
declare const shop: A.B.C.Shop, cart: A.B.C.Cart;
//                        ^ leads to C.Shop
shop.cart.pay();
//   ^ leads to Shop.cart
//        ^ leads to Cart.pay
cart.pay();
//   ^ leads to Cart.pay
new A.B.C.Cart().pay();
//      ^ leads to B.C
//        ^ leads to C.Cart
//               ^ leads to Cart.pay
namespace A.B { export const made = new C.Cart(); }
A.B.made.pay();
//  ^ leads to B.made
//       ^ leads to Cart.pay
namespace A.B.D { export const last = C; }
A.B.D.last;
//    ^ leads to D.last
