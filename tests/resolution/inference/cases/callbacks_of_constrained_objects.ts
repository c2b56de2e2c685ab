interface Item { price: number }
interface Cart { items: Item[]; code?: { text: string } }
interface Action<P> { payload: P; type: string }
type Reducer<S, A> = (state: S, action: A) => S | void;
type Reducers<S> = { [name: string]: Reducer<S, Action<any>> };
declare function slice<S, R extends Reducers<S>>(of: { initial: S; reducers: R }): { actions: R; state: S };
declare function strict<S, R extends Reducers<S>>(of: { initial: S; reducers: R & Reducers<S> }): { actions: R; state: S };
declare const initial: Cart;
const made = slice({
  initial,
  reducers: {
    add: (state) => { state.items[0].price; },
//                          ^ leads to Cart.items
//                                   ^ leads to Item.price
    put(state, action: Action<Item>) { state.items.push(action.payload); action.payload.price; },
//                                           ^ leads to Cart.items
//                                                                                      ^ leads to Item.price
  },
});
made.state.items;
//         ^ leads to Cart.items
made.actions.put(initial, { payload: initial.items[0], type: '' });
//           ^ leads to put@15
strict({ initial, reducers: { clear: (state) => { state.code?.text; }, other(state) { return { ...state, items: [] }; } } }).state.code;
//                                                      ^ leads to Cart.code
//                                                            ^ leads to code.text
//                                                                                                                                 ^ leads to Cart.code
