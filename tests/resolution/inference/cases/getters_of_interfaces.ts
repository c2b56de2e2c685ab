interface Shop { get cart(): Cart; set cart(of: Cart); readonly [Symbol.iterator]: () => Iterator<Cart> }
interface Cart { pay(): void }
declare const shop: Shop;
shop.cart.pay();
//        ^ leads to Cart.pay
for (const cart of shop) cart.pay();
//                            ^ leads to Cart.pay
