class Cart { pay() {} }
class Shop<T> { private held: T[] = []; [Symbol.iterator]() { return this.held[Symbol.iterator](); } async *later() { yield* this.held; } }
const shop = new Shop<Cart>();
for (const cart of shop) cart.pay();
//                            ^ leads to Cart.pay
[...shop].map((cart) => cart.pay());
//                           ^ leads to Cart.pay
const [first, ...rest] = shop;
first.pay(); rest[0].pay();
//    ^ leads to Cart.pay
//                   ^ leads to Cart.pay
Array.from(shop)[0].pay();
//                  ^ leads to Cart.pay
for (const cart of new Set(shop)) cart.pay();
//                                     ^ leads to Cart.pay
function filter<T>(of: Iterable<T>) { return [...of]; }
filter(shop)[0].pay();
//              ^ leads to Cart.pay
function* each<T>(of: Iterable<T>) { for (const one of of) { yield one; } }
for (const cart of each(shop)) cart.pay();
//                                  ^ leads to Cart.pay
function* nested() { yield* shop; const inner = () => { return 1; }; inner(); }
for (const cart of nested()) cart.pay();
//                                ^ leads to Cart.pay
class Steps { [Symbol.iterator]() { return { next: () => ({ done: false, value: new Cart() }) }; } }
for (const cart of new Steps()) cart.pay();
//                                   ^ leads to Cart.pay
const literal = { *[Symbol.iterator]() { yield new Cart(); } };
for (const cart of literal) cart.pay();
//                               ^ leads to Cart.pay
class Typed implements Iterable<Cart> { *[Symbol.iterator](): Iterator<Cart> { yield new Cart(); } }
class Heir extends Typed {}
for (const cart of new Heir()) cart.pay();
//                                  ^ leads to Cart.pay
class Lines { async *[Symbol.asyncIterator]() { yield Promise.resolve(new Cart()); } }
class Two { *[Symbol.iterator]() { yield new Cart(); } async *[Symbol.asyncIterator]() { yield new Steps(); } }
async function run() {
  for await (const cart of new Lines()) cart.pay();
//                                           ^ leads to Cart.pay
  for await (const cart of shop.later()) cart.pay();
//                                            ^ leads to Cart.pay
  const step = await shop.later().next();
  step.value!.pay();
//            ^ leads to Cart.pay
}
run;
function shadowed(Symbol: { iterator: 'given' }) {
  class Given { [Symbol.iterator]() { return new Shop<Cart>().later(); } }
  for (const one of new Given() as any as Given) one.pay();
//                                                   ^ unknown
}
shadowed;
