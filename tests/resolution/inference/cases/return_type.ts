class Cart { pay() {} }
function open() { return { cart: new Cart() }; }
const close = (): Cart => new Cart();
declare const opened: ReturnType<typeof open>, closed: ReturnType<typeof close>;
declare const called: ReturnType<() => Cart>;
opened.cart.pay();
//     ^ leads to cart@2
//          ^ leads to Cart.pay
closed.pay();
//     ^ leads to Cart.pay
called.pay();
//     ^ leads to Cart.pay
