interface Cart { total: number }
interface User { name: string }
interface Action<C, E> { (given: { context: C; event: E }): void; of?: E }
declare function assign<C, E>(by: (given: { context: C; event: E }) => Partial<C>): Action<C, E>;
declare function setup<C, E>(of: { types: { context: C; event: E }; actions: { [name: string]: Action<C, E> } }): void;
setup({
  types: { context: {} as Cart, event: {} as User },
  actions: { add: assign(({ context, event }) => { event.name; context.total; return {}; }) },
//                                                       ^ leads to User.name
//                                                                     ^ leads to Cart.total
});
const action: Action<Cart, User> = assign(({ context, event }) => { event.name; return context; });
//                                                                        ^ leads to User.name
type Handler<E> = (event: E) => void;
declare function debounce<A>(then: (given: A) => void): (given: A) => void;
declare function on(handler: Handler<Cart>): void;
on(debounce((cart) => cart.total));
//                         ^ leads to Cart.total
const named: Handler<User> = debounce((user) => user.name);
//                                                   ^ leads to User.name
function handler(): Handler<User> {
  return debounce((user) => user.name);
//                               ^ leads to User.name
}
declare function memo<T extends Function>(then: T, of: unknown[]): T;
on(memo((cart) => cart.total, []));
//                     ^ leads to Cart.total
class Shop { on: Handler<Cart> = debounce((cart) => cart.total); }
//                                                       ^ leads to Cart.total
const both: { first: Handler<Cart>; second: Handler<User> } = {
  first: debounce((cart) => cart.total),
//                               ^ leads to Cart.total
  second: debounce((user) => user.name),
//                                ^ leads to User.name
};
declare function map<T, R>(of: T[], by: (one: T) => R): R[];
const handlers: Handler<Cart>[] = map([1], (_) => (cart) => cart.total);
//                                                               ^ leads to Cart.total
debounce((given: User) => given.name)({ name: "" });
const kept: Handler<Cart> = debounce((given: User) => given.name) as never;
//                                                          ^ leads to User.name
