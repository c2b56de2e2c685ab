interface Payable { pay(): void }
class Cart { pay() {} close() {} }
const cart: Payable = new Cart();
cart.pay();
//   ^ leads to Payable.pay
class Shop { cart: Payable = new Cart(); sell() { this.cart.pay(); } }
//                                                          ^ leads to Payable.pay
function make(): Payable { return new Cart(); }
make().pay();
//     ^ leads to Payable.pay
function take(given: Payable = new Cart()) { given.pay(); }
//                                                 ^ leads to Payable.pay
take; Shop;
