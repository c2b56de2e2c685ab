class Cart { pay() {} }
const made = new Promise<Cart>((done) => done(new Cart()));
made.then((cart) => cart.pay());
//                       ^ leads to Cart.pay
function later(): Promise<Cart> { return new Promise((done) => done(new Cart())); }
later().then((cart) => cart.pay());
//                          ^ leads to Cart.pay
