class Cart { pay() {} }
async function* stream() { yield new Cart(); }
async function run(given: AsyncIterable<Cart>, some: Promise<Cart>[]) {
  for await (const cart of given) cart.pay();
//                                     ^ leads to Cart.pay
  for await (const cart of stream()) cart.pay();
//                                        ^ leads to Cart.pay
  for await (const cart of some) cart.pay();
//                                    ^ leads to Cart.pay
}
run;
