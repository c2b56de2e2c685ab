class Base<T> { get(): T { throw 1; } }
class Cart { pay() {} }
class Shop { sell() {} }
class Carts extends Base<Cart> {}
class Shops extends Base<Shop> { get(): Shop { return super.get(); } }
//                                                          ^ leads to Base.get
new Carts().get().pay();
//                ^ leads to Cart.pay
new Shops().get().sell();
//          ^ leads to Shops.get
//                ^ leads to Shop.sell
class Pair<A, B> extends Base<B> { other!: A; }
declare const pair: Pair<Shop, Cart>;
pair.get().pay();
//         ^ leads to Cart.pay
pair.other.sell();
//         ^ leads to Shop.sell
