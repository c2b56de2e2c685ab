class Cart { pay() {} }
type Handler = (cart: Cart) => void;
const handlers = { one: (cart) => cart.pay() } satisfies Record<string, Handler>;
//                                     ^ leads to Cart.pay
handlers.one;
//       ^ leads to handlers.one
const casted = ((cart) => cart.pay()) as Handler;
//                             ^ leads to Cart.pay
casted;
