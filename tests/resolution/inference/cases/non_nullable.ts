class Cart { pay() {} }
interface Shop { cart?: Cart | null }
declare const cart: NonNullable<Shop['cart']>, of: Exclude<Cart | string, string>;
cart.pay();
//   ^ leads to Cart.pay
of.pay();
// ^ leads to Cart.pay
