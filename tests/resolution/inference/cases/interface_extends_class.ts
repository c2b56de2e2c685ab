class Cart { pay() {} }
interface Lent extends Cart { back(): void }
declare const lent: Lent;
lent.pay();
//   ^ leads to Cart.pay
lent.back();
//   ^ leads to Lent.back
