class Cart { pay() {} }
function run(options: { cart?: Cart } = {}) { const { cart = new Cart() } = options; cart.pay(); }
//                                                    ^ leads to cart@2
//                                                                                        ^ leads to Cart.pay
function plain({ cart = new Cart() } = {}) { cart.pay(); }
//                                                ^ gap: leads to Cart.pay
const arrow = (cart: Cart | null = null) => cart?.pay();
//                                                ^ leads to Cart.pay
run; plain; arrow;
