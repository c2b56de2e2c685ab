interface State { carts: Cart[]; open: boolean }
interface Cart { id: number }
type Action = { type: 'add'; cart: Cart } | { type: 'drop'; id: number };
function reduce(state: State, action: Action): State {
  switch (action.type) {
    case 'add': return { ...state, carts: [...state.carts, action.cart] };
//                                                  ^ leads to State.carts
//                                                                ^ leads to cart@3
    case 'drop': return { ...state, carts: state.carts.filter((one) => one.id !== action.id) };
//                                                                         ^ leads to Cart.id
//                                                                                       ^ leads to id@3
  }
}
reduce;
