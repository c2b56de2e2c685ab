class Cart { pay() {} }
class Shop { sell() {} }
declare function on(name: 'cart', run: (cart: Cart) => void): void;
declare function on(name: 'shop', run: (shop: Shop) => void): void;
on('cart', (cart) => cart.pay());
//                        ^ leads to Cart.pay
on('shop', (shop) => shop.sell());
//                        ^ leads to Shop.sell
declare function go(run: (cart: Cart) => void): void;
declare function go(name: string, run: (shop: Shop) => void): void;
go((cart) => cart.pay());
//                ^ leads to Cart.pay
go('', (shop) => shop.sell());
//                    ^ leads to Shop.sell
