class Cart { pay() {} }
class Purse { count() {} }
async function cartOf(): Promise<Cart> { return new Cart(); }
async function run(purses: Promise<Purse>[]) {
  const [cart, purse] = await Promise.all([cartOf(), new Purse()]);
  cart.pay();
  //   ^ leads to Cart.pay
  purse.count();
  //    ^ leads to Purse.count
  const all = await Promise.all(purses);
  all[0].count();
  //     ^ leads to Purse.count
  const both = [cartOf(), cartOf()] as const;
  const [one] = await Promise.all(both);
  one.pay();
  //  ^ leads to Cart.pay
}
