class Cart { pay() {} }
function make() { return new Cart(); }
const arrow = () => new Cart();
const block = () => { const cart = new Cart(); return cart; };
const object = () => ({ cart: new Cart() });
function either(first: boolean) { if (first) return null; return new Cart(); }
function nested() { function inner() { return 1; } inner(); return new Cart(); }
make().pay();
//     ^ leads to Cart.pay
arrow().pay();
//      ^ leads to Cart.pay
block().pay();
//      ^ leads to Cart.pay
object().cart.pay();
//       ^ leads to cart@5
//            ^ leads to Cart.pay
either(true)?.pay();
//            ^ leads to Cart.pay
nested().pay();
//       ^ leads to Cart.pay
