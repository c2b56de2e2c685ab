class Cart { pay() {} }
interface Carts { [name: string]: Cart }
declare const carts: Carts, typed: { [id: number]: Cart };
carts['x'].pay();
//         ^ leads to Cart.pay
carts.x.pay();
//      ^ leads to Cart.pay
typed[1].pay();
//       ^ leads to Cart.pay
Object.values(carts)[0].pay();
//                      ^ leads to Cart.pay
