class Cart { pay() {} next?: Cart; make?(): Cart; list?: Cart[]; }
declare const cart: Cart | undefined;
cart?.next?.next?.pay();
//    ^ leads to Cart.next
//          ^ leads to Cart.next
//                ^ leads to Cart.pay
cart?.make?.().pay();
//             ^ leads to Cart.pay
cart?.list?.[0]?.pay();
//               ^ leads to Cart.pay
cart!.next!.pay();
//          ^ leads to Cart.pay
