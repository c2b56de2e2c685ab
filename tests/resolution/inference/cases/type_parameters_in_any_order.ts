class Cart { pay() {} go() {} }
class Shop { sell() {} go() {} }
class Store<K, V extends Shop> {
  constructor(private load: (key: K) => V) {}
  touch(value: V) { value.go(); }
  get(key: K): V { return this.load(key); }
  keys(): K[] { return []; }
}
declare const store: Store<Cart, Shop>;
store.get(new Cart()).go();
//                    ^ leads to Shop.go
store.keys()[0].go();
//              ^ leads to Cart.go
type Pair<Left, Right> = { right: Right; left: Left };
declare const pair: Pair<Cart, Shop>;
pair.left.go();
//        ^ leads to Cart.go
pair.right.go();
//         ^ leads to Shop.go
type Handler<Asked = Cart, Given = Shop> = (given: Given, asked: Asked) => void;
const handler: Handler = (given, asked) => { given.go(); asked.go(); };
//                                                 ^ leads to Shop.go
//                                                             ^ leads to Cart.go
