class Cart { pay() {} }
interface Props { cart: Cart; size: { wide: number } }
function one({ cart, size: { wide } }: Props) { cart.pay(); wide; }
//             ^ leads to Props.cart
//                           ^ leads to wide@2
//                                                   ^ leads to Cart.pay
const two = ({ cart: basket }: Props) => basket.pay();
//             ^ leads to Props.cart
//                                              ^ leads to Cart.pay
const three = ([first]: Cart[]) => first.pay();
//                                       ^ leads to Cart.pay
function four({ cart }: { cart: Cart }) { cart.pay(); }
//              ^ leads to cart@12
//                                             ^ leads to Cart.pay
class Shop { constructor({ cart }: Props) { cart.pay(); } }
//                         ^ leads to Props.cart
//                                               ^ leads to Cart.pay
one; two; three; four; Shop;
