declare namespace Shop { interface Options { each: (cart: Cart) => void } }
declare class Shop { constructor(options: Shop.Options); first(): Cart; static open(): Shop }
declare class Cart { total: number; pay(): void }
new Shop({ each: (cart) => cart.total }).first().pay();
//                              ^ leads to Cart.total
//                                       ^ leads to Shop.first
//                                               ^ leads to Cart.pay
Shop.open().first();
//          ^ leads to Shop.first
declare namespace make { const last: Cart }
declare function make(): Cart;
make().pay();
//     ^ leads to Cart.pay
make.last.pay();
//        ^ leads to Cart.pay
class Corner extends Shop { close() { return this.first().pay(); } }
//                                                        ^ leads to Cart.pay
