class Cart { pay() {} next: Cart | null = null; }
declare const cart: Cart | null | undefined;
if (cart) cart.pay();
//             ^ leads to Cart.pay
cart?.pay();
//    ^ leads to Cart.pay
cart!.next?.pay();
//    ^ leads to Cart.next
//          ^ leads to Cart.pay
let later: Cart | undefined;
later = new Cart();
later.pay();
//    ^ leads to Cart.pay
