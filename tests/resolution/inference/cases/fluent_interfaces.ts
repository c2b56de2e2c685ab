interface Builder<T> { with(name: string): this; add<U>(of: U): Builder<T & U>; build(): T }
interface Special extends Builder<Cart> { extra(): void }
class Cart { pay() {} }
class Shop { sell() {} }
declare const builder: Builder<Cart>, special: Special;
builder.with('').build().pay();
//               ^ leads to Builder.build
//                       ^ leads to Cart.pay
builder.add(new Shop()).build().sell();
//                              ^ leads to Shop.sell
special.with('').extra();
//               ^ leads to Special.extra
