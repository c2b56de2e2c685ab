class Cart { pay() {} }
async function load() { return new Cart(); }
declare const cart: Awaited<Promise<Cart>>, loaded: Awaited<ReturnType<typeof load>>;
cart.pay();
//   ^ leads to Cart.pay
loaded.pay();
//     ^ leads to Cart.pay
