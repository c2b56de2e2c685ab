interface Cart { total: number }
declare const cart: Cart;
interface Query<T> { load?: () => Promise<T>; key: string }
type Without<T, K extends keyof T> = Omit<T, K>;
interface Observed<T> extends Query<T> { watch?: boolean }
interface Options<T> extends Without<Observed<T>, "watch"> { retry?: number }
type Fresh<T> = Options<T> & { first?: T };
type Begun<T> = Omit<Options<T>, "load"> & { first: T; load?: () => Promise<T> };
declare function use<T = unknown>(options: Begun<T>): { begun: T };
declare function use<T = unknown>(options: Fresh<T>): { fresh: T };
use({ key: "a", load: async () => cart }).fresh.total;
//                                        ^ leads to local fresh@10
//                                              ^ leads to Cart.total
use({ key: "a", first: cart, load: async () => cart }).begun.total;
//                                                     ^ leads to local begun@9
//                                                           ^ leads to Cart.total
declare function observe<T>(options: Observed<T>): T;
observe({ key: "a", load: async () => cart }).total;
//                                            ^ leads to Cart.total
