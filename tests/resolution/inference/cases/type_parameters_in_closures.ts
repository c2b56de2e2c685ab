class Cart { pay() {} }
function make<T>(first: T) {
  const items: T[] = [first];
  const one = () => items[0];
  function other() { return items[0]; }
  const { given } = { given: first };
  return { one, other, all: items, direct: () => items[0], given };
}
const made = make(new Cart());
made.one().pay();
//         ^ leads to Cart.pay
made.other().pay();
//           ^ leads to Cart.pay
made.all[0].pay();
//          ^ leads to Cart.pay
made.direct().pay();
//            ^ leads to Cart.pay
made.given.pay();
//         ^ leads to Cart.pay
const later = <T>(of: T) => { const read = () => of; return read; };
later(new Cart())().pay();
//                  ^ leads to Cart.pay
class Store<T> {
  of!: T;
  reader() { const read = () => this.of; return read; }
}
declare const store: Store<Cart>;
store.reader()().pay();
//               ^ leads to Cart.pay
