class Cart { pay() {} load() { return Promise.resolve(new Cart()); } }
async function run(carts: Cart[]) {
  const all = await Promise.all(carts.map(async (cart) => { const next = await cart.load(); return { next, id: 1 }; }));
//                                                                                  ^ leads to Cart.load
  all[0].next.pay();
//       ^ leads to next@3
//            ^ leads to Cart.pay
  for (const { next } of all) next.pay();
//             ^ leads to next@3
//                                 ^ leads to Cart.pay
  const [first, second] = await Promise.all([carts[0].load(), Promise.resolve({ deep: new Cart() })]);
  first.pay();
//      ^ leads to Cart.pay
  second.deep.pay();
//       ^ leads to deep@11
//            ^ leads to Cart.pay
  const { a, b } = await props({ a: carts[0].load(), b: 1 });
  a.pay();
//  ^ leads to Cart.pay
  b;
}
declare function props<T>(of: T): Promise<{ [K in keyof T]: Awaited<T[K]> }>;
run;
