class Cart { pay() {} }
class Query { then(done: (value: Cart) => void) { done(new Cart()); } where() { return this; } }
async function run() {
  (await new Query().where()).pay();
//                            ^ gap: leads to Cart.pay
  new Query().then((cart) => cart.pay());
//            ^ leads to Query.then
//                                ^ leads to Cart.pay
}
run;
