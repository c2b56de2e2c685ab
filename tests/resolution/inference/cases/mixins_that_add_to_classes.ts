type Constructor<T = {}> = new (...args: any[]) => T;
declare class Cart { pay(): void; static size: number }
interface Priced { price(): number }
declare function priced<T extends Constructor>(base: T): T & Constructor<Priced>;
class Shop extends priced(Cart) { go() { this.pay(); this.price(); } }
//                                            ^ leads to Cart.pay
//                                                        ^ leads to Priced.price
new Shop().pay();
//         ^ leads to Cart.pay
new Shop().price();
//         ^ leads to Priced.price
Shop.size;
//   ^ leads to Cart.size
const Made = priced(Cart);
new Made().pay();
//         ^ leads to Cart.pay
new Made().price();
//         ^ leads to Priced.price
