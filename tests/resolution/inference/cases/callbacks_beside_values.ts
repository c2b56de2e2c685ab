class Cart { pay() { return new Cart(); } }
declare function form<T>(options: { initial: T; submit: (value: T) => void }): T;
form({ initial: new Cart(), submit: (value) => value.pay() }).pay();
//                                                   ^ leads to Cart.pay
//                                                            ^ leads to Cart.pay
declare function inner<T>(options: { initial: T; submit(value: T): void }): T;
inner({ submit(value) { value.pay(); }, initial: new Cart() });
//                            ^ leads to Cart.pay
interface Options<S> { state: S; read?: (state: S) => void }
declare function store<S>(options: Options<S>): S;
store({ state: new Cart(), read: (state) => state.pay() });
//                                                ^ leads to Cart.pay
declare function query<T>(options: { load: () => Promise<T>; select: (of: T) => void }): T;
query({ load: async () => new Cart(), select: (of) => of.pay() });
//                                                       ^ leads to Cart.pay
class Model<S> { constructor(readonly options: { init: S; on: (state: S) => void }) {} }
new Model({ init: new Cart(), on: (state) => state.pay() }).options.init.pay();
//                                                 ^ leads to Cart.pay
//                                                                       ^ leads to Cart.pay
declare function bounded<T extends { run: (cart: Cart) => void }>(options: T): T;
bounded({ run: (cart) => cart.pay() });
//                            ^ leads to Cart.pay
