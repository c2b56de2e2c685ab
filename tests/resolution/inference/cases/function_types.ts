class Cart { pay() {} }
type Make = () => Cart;
type Factory<T> = (name: string) => T;
declare const make: Make, factory: Factory<Cart>;
make().pay();
//     ^ leads to Cart.pay
factory('').pay();
//          ^ leads to Cart.pay
function run(given: Make, other: () => Promise<Cart>) { given().pay(); other().then((c) => c.pay()); }
//                                                              ^ leads to Cart.pay
//                                                                                           ^ leads to Cart.pay
run;
