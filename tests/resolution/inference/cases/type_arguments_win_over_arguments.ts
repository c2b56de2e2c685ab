class Base { pay() {} }
class Cart extends Base { pay() {} }
function same<T>(of: T): T { return of; }
same<Base>(new Cart()).pay();
//                     ^ leads to Base.pay
class Box<T> { constructor(public value: T) {} }
new Box<Base>(new Cart()).value.pay();
//                              ^ leads to Base.pay
new Set<Base>([new Cart()]).forEach((one) => one.pay());
//                                               ^ leads to Base.pay
[new Cart()].map<Base>((one) => one)[0].pay();
//                                      ^ leads to Base.pay
