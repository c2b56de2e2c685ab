class Cart { pay() {} }
type Branded = Cart & { readonly __brand: 'cart' };
type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;
declare const cart: Branded, deep: DeepReadonly<{ cart: Cart }>;
cart.pay();
//   ^ leads to Cart.pay
deep.cart.pay();
//   ^ gap: leads to cart@4
//        ^ gap: leads to Cart.pay
