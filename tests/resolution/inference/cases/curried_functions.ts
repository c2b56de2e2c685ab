class Cart { pay() {} }
const make = (a: number) => (b: number) => new Cart();
make(1)(2).pay();
//         ^ leads to Cart.pay
function outer() { return function inner() { return { cart: new Cart() }; }; }
outer()().cart.pay();
//             ^ leads to Cart.pay
const bound = outer();
bound().cart;
//      ^ leads to cart@5
declare const typed: () => () => Cart;
typed()().pay();
//        ^ leads to Cart.pay
const keep = <T>(of: T) => () => of;
keep(new Cart())().pay();
//                 ^ leads to Cart.pay
