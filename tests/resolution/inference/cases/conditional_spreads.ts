class Cart { pay() {} }
declare const yes: boolean, base: { cart: Cart } | undefined;
const made = { ...(yes ? { cart: new Cart() } : {}), ...(yes && { more: new Cart() }) };
made.cart?.pay();
//   ^ leads to cart@3
//         ^ leads to Cart.pay
made.more?.pay();
//   ^ leads to more@3
//         ^ leads to Cart.pay
const copied = { ...base, other: 1 };
copied.cart?.pay();
//     ^ leads to cart@2
//           ^ leads to Cart.pay
const list = [...(yes ? [new Cart()] : [])];
list[0].pay();
//      ^ leads to Cart.pay
