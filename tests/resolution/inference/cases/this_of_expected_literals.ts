interface Till { coins: number; count(): number }
declare class Cart { pay(): void }
function till(coins: number): Till { return { coins, count() { return this.coins; } }; }
//                                                                         ^ leads to Till.coins
declare function open(till: Till): void;
open({ coins: 1, count() { return this.coins; } });
//                                     ^ leads to Till.coins
open({ coins: 1, count: function () { return this.coins; } });
//                                                ^ leads to Till.coins
let late: Till;
late = { coins: 1, count() { return this.coins; } };
//                                       ^ leads to Till.coins
class Shop { till: Till = { coins: 1, count() { return this.coins; } }; }
//                                                          ^ leads to Till.coins
const cast = { coins: 1, count() { return this.coins; } } as Till;
//                                             ^ leads to Till.coins
declare function anything(of: any): void;
anything({ own: new Cart(), go() { this.own.pay(); } });
//                                          ^ leads to Cart.pay
declare function passed<T>(of: T): T;
passed({ own: new Cart(), go() { this.own.pay(); } }).go();
//                                        ^ leads to Cart.pay
interface More { extra: Cart }
declare function extended<T extends More>(of: T): T;
extended({ extra: new Cart(), go() { return this.extra; } });
//                                               ^ leads to local extra@25
interface Said { own: number; go(this: More): void }
const said: Said = { own: 1, go() { this.extra.pay(); } };
//                                       ^ leads to More.extra
//                                             ^ leads to Cart.pay
