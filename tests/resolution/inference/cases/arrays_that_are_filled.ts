declare class Cart { pay(): void }
declare class Till { ring(): void }
const carts = [];
carts.push(new Cart());
carts[0].pay();
//       ^ leads to Cart.pay
for (const cart of carts) cart.pay();
//                             ^ leads to Cart.pay
function found(carts: Cart[]) { const out = []; for (const cart of carts) out.unshift({ cart, at: 1 }); return out; }
found([])[0].cart.pay();
//           ^ leads to local cart@9
//                ^ leads to Cart.pay
declare const others: Cart[];
const spread = [];
spread.push(...others);
spread.map((cart) => cart.pay());
//                        ^ leads to Cart.pay
let both = [];
both.push(new Cart());
both.push(new Till());
for (const one of both) { if (one instanceof Till) one.ring(); else one.pay(); }
//                                                     ^ leads to Till.ring
//                                                                      ^ leads to Cart.pay
const shadowed = [];
{ const shadowed = []; shadowed.push(new Till()); shadowed[0].ring(); }
//                                                            ^ leads to Till.ring
shadowed.push(new Cart());
shadowed[0].pay();
//          ^ leads to Cart.pay
const written: Till[] = [];
written.push(new Till());
written[0].ring();
//         ^ leads to Till.ring
const itself = [];
itself.push(itself.length);
itself[0];
class Shop {
  readonly till; cart;
  constructor(cart: Cart) { this.till = new Till(); this.cart = cart; }
  open() { this.till.ring(); this.cart.pay(); }
//                   ^ leads to Till.ring
//                                     ^ leads to Cart.pay
}
new Shop(others[0]).cart.pay();
//                       ^ leads to Cart.pay
