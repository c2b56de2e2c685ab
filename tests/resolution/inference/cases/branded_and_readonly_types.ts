class Cart { pay() {} }
type Branded = Cart & { readonly __brand: 'cart' };
type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;
declare const cart: Branded, deep: DeepReadonly<{ cart: Cart }>;
cart.pay();
//   ^ leads to Cart.pay
deep.cart.pay();
//   ^ leads to local cart@4
//        ^ leads to Cart.pay
