class Cart { pay() {} }
async function load() { return new Cart(); }
const arrow = async () => new Cart();
const twice = async () => load();
class Shop { async open() { return new Cart(); } async typed(): Promise<Cart> { throw 1; } }
async function run() {
  (await load()).pay();
//               ^ leads to Cart.pay
  (await arrow()).pay();
//                ^ leads to Cart.pay
  (await twice()).pay();
//                ^ leads to Cart.pay
  (await new Shop().open()).pay();
//                          ^ leads to Cart.pay
  (await new Shop().typed()).pay();
//                           ^ leads to Cart.pay
  load().pay;
//       ^ unknown
  load().then;
//       ^ external
}
run;
