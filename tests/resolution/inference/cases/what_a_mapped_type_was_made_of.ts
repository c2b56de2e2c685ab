interface Cart { total: number }
interface User { name: string }
interface Stream<T> { map<R>(by: (one: T) => R): Stream<R>; value: T }
declare const carts: Stream<Cart>, users: Stream<User>;
declare function combine<T extends unknown[]>(...of: { [K in keyof T]: Stream<T[K]> }): Stream<T>;
combine(carts, users).value[0].total;
//                    ^ leads to Stream.value
//                             ^ leads to Cart.total
combine(carts, users).map(([cart, user]) => { cart.total; user.name; });
//                                                 ^ leads to Cart.total
//                                                             ^ leads to User.name
declare function zip<T extends readonly unknown[]>(of: readonly [...{ [K in keyof T]: Stream<T[K]> }]): Stream<T>;
zip([carts, users]).value[1].name;
//                           ^ leads to User.name
declare function join<T>(of: { [K in keyof T]: Stream<T[K]> }): Stream<T>;
join({ cart: carts, user: users }).value.cart.total;
//                                       ^ leads to local cart@16
//                                            ^ leads to Cart.total
join({ cart: carts, user: users }).map(({ cart, user }) => { cart.total; user.name; });
//                                                                ^ leads to Cart.total
//                                                                            ^ leads to User.name
interface Property<T> { make: () => T; check?: (value: T) => boolean }
declare function component<P>(of: { props: { [K in keyof P]: Property<P[K]> }; setup(props: P): void }): P;
component({
  props: { cart: { make: (): Cart => ({ total: 1 }) } },
  setup(props) { props.cart.total; },
//                     ^ leads to local cart@25
//                          ^ leads to Cart.total
}).cart.total;
//      ^ leads to Cart.total
type Actions<A> = { [K in keyof A]: (given: { cart: Cart; params: A[K] }) => void };
declare function setup<A>(of: { actions: Actions<A> }): A;
setup({ actions: { add: (given: { cart: Cart; params: User }) => given.cart } }).add.name;
//                                                                                   ^ leads to User.name
declare function pairs<T>(of: T, by: { [K in keyof T]?: (one: T[K]) => void }): void;
pairs({ cart: { total: 1 } }, { cart: (one) => one.total });
//                                                 ^ leads to local total@36
declare function keys<T>(of: { [K in keyof T]: Stream<T[K]> }): { by: { [K in keyof T]: { of: K; held: T[K] } } };
keys({ cart: carts }).by.cart.held.total;
//                            ^ leads to local held@38
//                                 ^ leads to Cart.total
type KnownOnly<T, U> = { [K in keyof T]: K extends keyof U ? T[K] : never };
interface Search { limit?: number; where?: (cart: Cart) => boolean }
declare function find<T extends Search>(search: KnownOnly<T, Search>): T;
find({ limit: 1, where: (cart) => cart.total > 1 });
//                                     ^ leads to Cart.total
interface Action<C> { (given: { context: C }): void; of?: C }
type Assigner<C> = { [K in keyof C]?: C[K] | ((given: { context: C }) => C[K]) };
type Kept<C> = C & NonNullable<unknown>;
declare function assign<C>(by: Assigner<Kept<C>>): Action<C>;
const action: Action<User & Cart> = assign({ name: "", total: ({ context }) => context.name.length });
//                                                                                     ^ leads to User.name
