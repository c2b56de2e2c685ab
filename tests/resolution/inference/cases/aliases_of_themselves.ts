declare class Cart { pay(): void }
type Own = { cart: Cart } & Own;
declare const own: Own;
Object.values(own).map((one) => one.pay);
own.cart.pay();
//  ^ leads to Own.cart
//       ^ leads to Cart.pay
type Keyed = { [name: string]: Keyed } & { cart: Cart };
declare const keyed: Keyed;
Object.values(keyed).map((one) => one.cart);
keyed.cart.pay();
//    ^ leads to Keyed.cart
//         ^ leads to Cart.pay
