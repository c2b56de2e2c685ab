class Cart { pay() {} }
interface Options { on?: (cart: Cart) => void; map?: (cart: Cart) => Cart }
function run({ on = (cart) => cart.pay(), map: read = (cart) => { cart.pay(); return cart; } }: Options) {
//                                 ^ leads to Cart.pay
//                                                                     ^ leads to Cart.pay
  return [on, read];
}
declare const options: Options;
const { on: held = (cart) => cart.pay(), map = (cart) => cart } = options;
//                                ^ leads to Cart.pay
map(new Cart()).pay();
//              ^ leads to Cart.pay
run; held;
