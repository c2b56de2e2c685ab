class Cart { pay() {} async load() { return new Cart(); } ready() { return true; } }
declare function load<T>(name: string): Promise<T>;
declare function find<T>(name: string): T;
declare const client: { get<T>(name: string): Promise<{ data: T }> };
declare function each<T>(run: (one: T) => void): Promise<T>;
async function run() {
  const cart = await load<Cart>('');
//                   ^ leads to load@2
  cart.pay();
//     ^ leads to Cart.pay
  const { data } = await client.get<Cart>('');
//        ^ leads to data@4
//                              ^ leads to client.get
  data.pay();
//     ^ leads to Cart.pay
  const later = await load<Cart>('').then((one) => one.load());
//                                                     ^ leads to Cart.load
  later.pay();
//      ^ leads to Cart.pay
  if (!find<Cart>('').ready()) return;
//     ^ leads to find
//                    ^ leads to Cart.ready
  const given = await each<Cart>((one) => one.pay());
//                                            ^ leads to Cart.pay
  given.pay();
//      ^ leads to Cart.pay
  (await load<Cart>('')).pay();
//                       ^ leads to Cart.pay
}
run();
