class Cart { pay() {} }
type Listener = ((cart: Cart) => void) | { handle(cart: Cart): void } | null;
function on(listener: Listener) { listener; }
on((cart) => cart.pay());
//                ^ leads to Cart.pay
on({ handle(cart) { cart.pay(); } });
//                       ^ leads to Cart.pay
type Updater<T> = T | ((before: T) => T);
declare function set(update: Updater<Cart>): void;
set((before) => { before.pay(); return before; });
//                       ^ leads to Cart.pay
function useState<S>(initial: S | (() => S)): [S, (next: S | ((before: S) => S)) => void] { throw initial; }
const [cart, setCart] = useState(new Cart());
cart.pay();
//   ^ leads to Cart.pay
setCart((before) => { before.pay(); return before; });
//                           ^ leads to Cart.pay
const [lazy] = useState(() => new Cart());
lazy.pay();
//   ^ leads to Cart.pay
const [maybe] = useState<Cart | null>(null);
maybe?.pay();
//     ^ leads to Cart.pay
