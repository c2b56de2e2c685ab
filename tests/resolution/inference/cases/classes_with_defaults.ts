class Cart { pay() {} }
class Coin { toss() {} }
interface State { cart?: Cart }
class App<S = State> { state!: S; use(then: (state: S) => void): this { return this; } also<N = {}>(then: (state: S & N) => void): App<S & N> { return null!; } }
const app = new App();
app.use((state) => state.cart?.pay());
//                       ^ leads to State.cart
//                             ^ leads to Cart.pay
app.also<{ coin: Coin }>((state) => { state.coin.toss(); state.cart?.pay(); });
//                                               ^ leads to Coin.toss
//                                                             ^ leads to State.cart
//                                                                   ^ leads to Cart.pay
app.also<{ coin: Coin }>(() => {}).use((state) => { state.coin.toss(); state.cart?.pay(); });
//                                                             ^ leads to Coin.toss
//                                                                           ^ leads to State.cart
new App<Coin>().state.toss();
//                    ^ leads to Coin.toss
class Box<T = Cart, L = T[]> { constructor(public held?: T, public all?: L, readonly size = 0) {} }
new Box().held?.pay();
//              ^ leads to Cart.pay
new Box().all?.[0].pay();
//                 ^ leads to Cart.pay
new Box(new Coin()).held?.toss();
//                        ^ leads to Coin.toss
new Box(new Coin()).all?.[0].toss();
//                           ^ leads to Coin.toss
declare function made<T = Cart>(of?: T, name?: string): T;
made().pay();
//     ^ leads to Cart.pay
function from(given) {
  new Box(given).held.pay();
//                    ^ unknown
  made(given).pay();
//            ^ unknown
}
from;
class Listing<T = Cart> { all: T[] = []; }
class Carts extends Listing { go() { this.all[0].pay(); } }
//                                               ^ leads to Cart.pay
new Carts().all[0].pay();
//                 ^ leads to Cart.pay
