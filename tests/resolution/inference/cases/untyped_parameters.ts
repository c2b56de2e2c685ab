class Cart { pay() {} }
function run(cart, { other }, ...rest) {
  cart.pay();
//     ^ unknown
  other.pay();
//      ^ unknown
  rest[0].pay();
//        ^ unknown
}
const arrow = (cart) => cart.pay();
//                           ^ unknown
run(new Cart(), { other: new Cart() }); arrow(new Cart());
