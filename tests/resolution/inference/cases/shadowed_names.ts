class Cart { pay() {} }
class Shop { pay() {} }
const one = new Cart();
function run(one: Shop) {
  one.pay();
//    ^ leads to Shop.pay
  { const one = new Cart(); one.pay(); }
//                              ^ leads to Cart.pay
  [new Cart()].forEach((one) => one.pay());
//                                  ^ leads to Cart.pay
  one.pay();
//    ^ leads to Shop.pay
}
one.pay();
//  ^ leads to Cart.pay
run;
