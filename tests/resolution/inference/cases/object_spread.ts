class Cart { pay() {} }
const base = { cart: new Cart(), depth: 1 };
const more = { ...base, depth: { max: 2 } };
more.cart.pay();
//   ^ leads to base.cart
//        ^ leads to Cart.pay
more.depth.max;
//   ^ leads to more.depth
//         ^ leads to depth.max
interface Options { size: number }
declare const options: Options;
const all = { ...options, extra: 1 };
all.size;
//  ^ leads to Options.size
({ ...options }).size;
//               ^ leads to Options.size
const late = { size: 2, ...options };
late.size;
//   ^ wrong: leads to Options.size
