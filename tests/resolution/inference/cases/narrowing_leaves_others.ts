class Cart { pay() {} size = 1; }
class Shop { sell() {} size = 1; }
declare const some: Cart | Shop;
if (some instanceof Cart) {
  some.pay();
//     ^ leads to Cart.pay
} else {
  some.size;
//     ^ leads to Shop.size
}
function run(given: Cart | string) {
  if (typeof given === 'string') { given.length; return; }
//                                       ^ external
  given.pay();
//      ^ leads to Cart.pay
}
function only(given: Cart | Cart[]) {
  const list = Array.isArray(given) ? given : [given];
  list[0].pay();
//        ^ leads to Cart.pay
}
run; only;
