class Cart { pay() {} }
interface Props { cart: Cart; onPay: (cart: Cart) => void; render?: (cart: Cart) => void }
function Row(props: Props) { return props.cart; }
//                                        ^ leads to Props.cart
const Column = ({ onPay }: Props) => onPay;
//                ^ leads to Props.onPay
const one = <Row cart={new Cart()} onPay={(cart) => cart.pay()} />;
//                                                       ^ leads to Cart.pay
const two = <Column cart={new Cart()} onPay={function (cart) { cart.pay(); }} />;
//                                                                  ^ leads to Cart.pay
one; two;
