class Cart { pay() {} }
class Purse { count() {} }
function second<A, B>(pair: [A, B]): B { return pair[1]; }
second([new Cart(), new Purse()]).count();
//                                ^ leads to Purse.count
function first<T>(of: readonly T[]): T { return of[0]; }
first([new Cart()]).pay();
//                  ^ leads to Cart.pay
function taken<T>(take: (one: T) => void): T { throw take; }
taken((cart: Cart) => {}).pay();
//                        ^ leads to Cart.pay
function frozen<T>(of: Readonly<T>): T { return of as T; }
frozen(new Cart()).pay();
//                 ^ leads to Cart.pay
function settled<T>(of: Promise<T> | T): T { throw of; }
settled(new Cart()).pay();
//                  ^ leads to Cart.pay
function named<T>(of: { inner: T; "quoted-one": T }): T { return of.inner; }
named({ inner: new Purse(), "quoted-one": new Purse() }).count();
//                                                       ^ leads to Purse.count
