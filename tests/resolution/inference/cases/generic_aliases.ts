class Cart { pay() {} }
type Maybe<T> = T | undefined;
type Pair<A, B> = { left: A; right: B };
type Of<T> = Pair<T, T[]>;
declare const maybe: Maybe<Cart>, pair: Pair<number, Cart>, of: Of<Cart>;
maybe?.pay();
//     ^ leads to Cart.pay
pair.right.pay();
//   ^ leads to right@3
//         ^ leads to Cart.pay
of.left.pay();
//      ^ leads to Cart.pay
of.right[0].pay();
//          ^ leads to Cart.pay
