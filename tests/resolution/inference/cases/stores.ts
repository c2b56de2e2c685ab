interface State { carts: Cart[]; add(cart: Cart): void }
interface Cart { id: string }
function create<S>(init: (set: (part: Partial<S>) => void, get: () => S) => S): { get(): S; use<U>(pick: (state: S) => U): U } { throw init; }
const store = create<State>((set, get) => ({
  carts: [],
  add: (cart) => set({ carts: [...get().carts, cart] }),
//                                      ^ leads to State.carts
}));
store.get().carts[0].id;
//          ^ leads to State.carts
//                   ^ leads to Cart.id
store.use((state) => state.carts).map((cart) => cart.id);
//                         ^ leads to State.carts
//                                                   ^ leads to Cart.id
