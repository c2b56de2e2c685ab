class Cart { pay() {} }
interface Cart { lent: Cart }
const cart = new Cart();
cart.lent.pay();
//   ^ leads to Cart.lent
//        ^ leads to Cart.pay
