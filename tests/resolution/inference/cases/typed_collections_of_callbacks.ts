class Cart { pay() {} }
class Bus {
  private listeners: Map<string, ((cart: Cart) => void)[]> = new Map();
  private runs: Array<() => Cart> = [];
  on(name: string, run: (cart: Cart) => void) { this.listeners.get(name)?.push(run); this.runs[0]().pay(); }
//                                                                                                  ^ leads to Cart.pay
  off() { this.listeners.get('')!.forEach((run) => run(new Cart())); }
}
const bus = new Bus();
bus.on('a', (cart) => cart.pay());
//                         ^ leads to Cart.pay
const pushed: ((cart: Cart) => void)[] = [];
pushed.push((cart) => cart.pay());
//                         ^ leads to Cart.pay
