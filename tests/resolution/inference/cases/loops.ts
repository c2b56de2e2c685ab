class Cart { pay() {} next: Cart | null = null; }
declare const first: Cart, carts: Cart[];
for (let cart: Cart | null = first; cart; cart = cart.next) cart.pay();
//                                                    ^ leads to Cart.next
//                                                               ^ leads to Cart.pay
for (let at = 0; at < carts.length; at++) { const cart = carts[at]; cart.pay(); }
//                                                                       ^ leads to Cart.pay
let current: Cart | null = first;
while (current) { current.pay(); current = current.next; }
//                        ^ leads to Cart.pay
//                                                 ^ leads to Cart.next
