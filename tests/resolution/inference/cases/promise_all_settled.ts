class Cart { pay() {} }
declare const many: Promise<Cart>[];
async function run() {
  for (const one of await Promise.allSettled(many)) {
    if (one.status === 'fulfilled') one.value.pay();
//                                            ^ leads to Cart.pay
  }
}
run;
