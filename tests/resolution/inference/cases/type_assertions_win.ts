interface Payable { pay(): void }
class Cart { pay() {} }
const cart = new Cart() as Payable;
cart.pay();
//   ^ leads to Payable.pay
(cart as Cart).pay();
//             ^ leads to Cart.pay
