class Cart { pay() {} }
declare const carts: Cart[], map: Map<string, Cart>;
const [first, , third = new Cart()] = carts;
first.pay();
//    ^ leads to Cart.pay
third.pay();
//    ^ leads to Cart.pay
for (const [, cart] of map) cart.pay();
//                               ^ leads to Cart.pay
let swapped: Cart;
[swapped] = carts;
swapped.pay();
//      ^ leads to Cart.pay
