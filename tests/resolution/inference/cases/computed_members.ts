class Cart { pay() {} total = 1; }
declare const cart: Cart, key: string;
(cart as any)[key].pay();
//                 ^ unknown
cart['total'].toFixed();
//            ^ external
const name = 'pay';
const made = { [key]: new Cart() };
made.anything.pay();
//            ^ gap: leads to Cart.pay
name;
