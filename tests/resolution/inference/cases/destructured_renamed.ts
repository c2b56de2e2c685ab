class Cart { pay() {} next!: Cart; }
declare const cart: Cart;
const { next: after } = cart;
//      ^ leads to Cart.next
after.pay();
//    ^ leads to Cart.pay
const { 'next': quoted } = cart;
quoted.pay();
//     ^ leads to Cart.pay
