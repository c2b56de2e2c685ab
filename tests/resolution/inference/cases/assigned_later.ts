class Cart { pay() {} }
let cart;
cart = new Cart();
cart.pay();
//   ^ gap: leads to Cart.pay
let other = null;
other = new Cart();
other.pay();
//    ^ gap: leads to Cart.pay
