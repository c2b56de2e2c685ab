class Cart { pay() {} }
let cart;
cart = new Cart();
cart.pay();
//   ^ leads to Cart.pay
let other = null;
other = new Cart();
other.pay();
//    ^ leads to Cart.pay
