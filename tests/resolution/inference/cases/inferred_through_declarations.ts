class Cart { pay() {} }
type Run<T> = () => T;
declare function run<T>(of: Run<T>): T;
run(() => new Cart()).pay();
//                    ^ leads to Cart.pay
type Maker<T> = (name: string) => Promise<T>;
declare function make<T>(of: Maker<T>): T;
make(async () => new Cart()).pay();
//                           ^ leads to Cart.pay
type Options<T> = { initial: T; name?: string };
declare function form<T>(options: Options<T>): T;
form({ initial: new Cart() }).pay();
//                            ^ leads to Cart.pay
interface Store<T> { state: T; read?: () => T }
declare function store<T>(of: Store<T>): T;
store({ state: new Cart() }).pay();
//                           ^ leads to Cart.pay
interface Type<T> { new (...given: any[]): T }
declare function made<T>(type: Type<T>): T;
made(Cart).pay();
//         ^ leads to Cart.pay
type Constructor<T> = new (...given: any[]) => T;
declare function built<T>(type: Constructor<T>): T;
built(Cart).pay();
//          ^ leads to Cart.pay
interface Caller<T> { (name: string): T }
declare function called<T>(of: Caller<T>): T;
called(() => new Cart()).pay();
//                       ^ leads to Cart.pay
type Tree<T> = { value: T; children: Tree<T>[] };
declare function root<T>(of: Tree<T>): T;
root({ value: new Cart(), children: [] }).pay();
//                                        ^ leads to Cart.pay
type Wrapped<T> = { inner: Options<T> };
declare function unwrap<T>(of: Wrapped<T>): T;
unwrap({ inner: { initial: new Cart() } }).pay();
//                                         ^ leads to Cart.pay
