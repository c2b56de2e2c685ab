class Cart { pay() {} }
class Shop { sell() {} }
interface Box<T = Cart> { value: T }
declare const plain: Box;
declare const other: Box<Shop>;
plain.value.pay();
//          ^ leads to Cart.pay
other.value.sell();
//          ^ leads to Shop.sell
class Holder<A, B = A> { a!: A; b!: B; }
declare const holder: Holder<Shop>;
holder.b.sell();
//       ^ leads to Shop.sell
type Maybe<T = Cart> = T | null;
declare const maybe: Maybe;
maybe!.pay();
//     ^ leads to Cart.pay
