class Cart { pay() {} }
interface Shop { first: Cart; second: Cart }
type Boxed<T> = { [K in keyof T]: { value: T[K] } };
type Kept<T> = { readonly [K in keyof T]: T[K] };
declare const boxed: Boxed<Shop>, kept: Kept<Shop>;
kept.first.pay();
//   ^ leads to Shop.first
//         ^ leads to Cart.pay
boxed.second.value.pay();
//    ^ leads to Shop.second
//           ^ leads to value@3
//                 ^ leads to Cart.pay
