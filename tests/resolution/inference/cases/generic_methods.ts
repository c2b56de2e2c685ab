class Cart { pay() {} }
class Store { get<T>(type: new () => T): T { return new type(); } all<T = Cart>(): T[] { return []; } }
const store = new Store();
store.get(Cart).pay();
//              ^ leads to Cart.pay
store.get<Cart>(Cart).pay();
//                    ^ leads to Cart.pay
store.all()[0].pay();
//             ^ leads to Cart.pay
