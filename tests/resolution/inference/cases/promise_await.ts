class Cart { pay() {} }
declare function load(): Promise<Cart>;
async function run(given: Promise<Cart>, like: PromiseLike<Cart>) {
  const cart = await load();
  cart.pay();
//     ^ leads to Cart.pay
  (await given).pay();
//              ^ leads to Cart.pay
  (await like).pay();
//             ^ leads to Cart.pay
  (await new Cart()).pay();
//                   ^ leads to Cart.pay
  const { pay } = await given;
//        ^ leads to Cart.pay
  pay();
}
run;
given().pay;
//      ^ unknown
function given() { return load(); }
