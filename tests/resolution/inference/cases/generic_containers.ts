class Cart { pay() {} }
class Shop { sell() {} }
class Registry<V, K = string> {
  private map = new Map<K, V>();
  get(key: K) { return this.map.get(key); }
  all() { return [...this.map.values()]; }
  each(run: (value: V) => void) { this.map.forEach((value) => run(value)); }
}
const registry = new Registry<Cart>();
registry.get('')?.pay();
//                ^ leads to Cart.pay
registry.all()[0].pay();
//                ^ leads to Cart.pay
registry.each((cart) => cart.pay());
//                           ^ leads to Cart.pay
new Registry<Shop>().get('')?.sell();
//                            ^ leads to Shop.sell
