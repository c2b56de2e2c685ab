interface Payable { pay(): void; size?: number }
class Cart implements Payable { pay() {} }
const cart = new Cart();
cart.pay();
//   ^ leads to Cart.pay
cart.size;
//   ^ unknown
