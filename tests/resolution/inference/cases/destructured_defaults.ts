class Cart { pay() {} }
interface Options { cart?: Cart; depth?: number }
function run({ cart = new Cart(), depth = 1 }: Options = {}) {
//             ^ leads to Options.cart
//                                ^ leads to Options.depth
  cart.pay();
//     ^ leads to Cart.pay
  depth.toFixed();
//      ^ external
}
const { untold = new Cart() } = JSON.parse('');
run; untold;
