class Cart { pay() {} }
class Shop { sell() {} }
declare const cart: Promise<Cart>, shop: Promise<Shop>, many: Promise<Cart>[], ids: number[];
declare function load(id: number): Promise<Cart>;
async function run() {
  const [one, two] = await Promise.all([cart, shop]);
  one.pay();
//    ^ leads to Cart.pay
  two.sell();
//    ^ leads to Shop.sell
  (await Promise.all(many))[0].pay();
//                             ^ leads to Cart.pay
  const loaded = await Promise.all(ids.map((id) => load(id)));
  loaded[0].pay();
//          ^ leads to Cart.pay
  for (const one of await Promise.all(ids.map(async (id) => load(id)))) one.pay();
//                                                                          ^ leads to Cart.pay
  (await Promise.race([cart])).pay();
//                             ^ leads to Cart.pay
  (await Promise.resolve(new Shop())).sell();
//                                    ^ leads to Shop.sell
  Promise.all([cart, shop]).then(([first, second]) => { first.pay(); second.sell(); });
//                                                            ^ leads to Cart.pay
//                                                                          ^ leads to Shop.sell
}
run;
