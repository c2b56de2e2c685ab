class Cart { pay() {} }
function run(options: { name: string; done: (cart: Cart) => void }, ...more: Array<(cart: Cart) => void>) {
  options.done(new Cart());
//        ^ leads to done@2
  more[0](new Cart());
}
run({ name: '', done: (cart) => cart.pay() }, (cart) => cart.pay());
//                                   ^ leads to Cart.pay
//                                                           ^ leads to Cart.pay
