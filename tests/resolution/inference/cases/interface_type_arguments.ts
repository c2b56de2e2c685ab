interface Store<K, V> { read(key: K): V; entries: V[]; of: { [key: string]: V } }
interface Cart { pay(): void }
interface Carts extends Store<string, Cart> {}
declare const carts: Carts, store: Store<number, Cart>;
carts.read('').pay();
//             ^ leads to Cart.pay
carts.entries[0].pay();
//               ^ leads to Cart.pay
store.read(1).pay();
//            ^ leads to Cart.pay
store.of.any.pay();
//           ^ leads to Cart.pay
