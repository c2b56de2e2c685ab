class Cart { pay() {} id = 1; next!: Cart; }
declare const cart: Cart;
const { id, ...rest } = cart;
rest.next.pay();
//   ^ leads to Cart.next
//        ^ leads to Cart.pay
const [first, ...others] = [cart, cart];
first.pay();
//    ^ leads to Cart.pay
others[0].pay();
//        ^ leads to Cart.pay
id;
