interface Events { open: Cart; close: Shop }
class Cart { pay() {} }
class Shop { sell() {} }
declare class Emitter<E> { on<K extends keyof E>(name: K, run: (event: E[K]) => void): this }
new Emitter<Events>()
  .on('open', (cart) => cart.pay())
//                           ^ leads to Cart.pay
  .on('close', (shop) => shop.sell());
//                            ^ leads to Shop.sell
