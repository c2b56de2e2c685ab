class Cart { pay() {} }
declare const any: any;
(any as Cart).pay();
//            ^ leads to Cart.pay
(<Cart>any).pay();
//          ^ leads to Cart.pay
(any as unknown as Cart).pay();
//                       ^ leads to Cart.pay
const cart = JSON.parse('') as Cart;
cart.pay();
//   ^ leads to Cart.pay
(any satisfies Cart).pay();
//                   ^ unknown
