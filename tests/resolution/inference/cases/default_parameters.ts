class Cart { pay() {} }
const fallback = new Cart();
function one(cart = new Cart(), other = fallback) {
  cart.pay();
//     ^ leads to Cart.pay
  other.pay();
//      ^ leads to Cart.pay
}
one;
