interface Api { carts(): Promise<Cart[]>; cart: (id: string) => Promise<Cart>; of<T>(type: T): T }
interface Cart { pay(): void }
declare const api: Api;
async function run() {
  (await api.carts())[0].pay();
//                       ^ leads to Cart.pay
  (await api.cart('')).pay();
//                     ^ leads to Cart.pay
  for (const cart of await api.carts()) cart.pay();
//                                           ^ leads to Cart.pay
  const [carts, cart] = await Promise.all([api.carts(), api.cart('')]);
  carts.map((one) => one.pay());
//                       ^ leads to Cart.pay
  cart.pay();
//     ^ leads to Cart.pay
  api.of(cart).pay();
//             ^ leads to Cart.pay
}
run;
