class Cart { pay() {} }
class User { ban() {} }
const look = (/** @type {Cart} */ cart, /** @type {User} the owner */ user) => { cart.pay(); user.ban(); };
//                                                                                    ^ leads to Cart.pay
//                                                                                                ^ leads to User.ban
/** @param {Cart} cart */
function mixed(cart, /** @type {User} */ user) { cart.pay(); user.ban(); }
//                                                    ^ leads to Cart.pay
//                                                                ^ leads to User.ban
/** @param {User} cart */
function closest(/** @type {Cart} */ cart) { cart.pay(); }
//                                                ^ leads to Cart.pay
function rest(/** @type {Cart[]} */ ...carts) { carts[0].pay(); }
//                                                       ^ leads to Cart.pay
function byDefault(/** @type {Cart} */ cart = new User()) { cart.pay(); }
//                                                               ^ leads to Cart.pay
function pattern(/** @type {{ cart: Cart, user?: User }} */ { cart, user }) { cart.pay(); user.ban(); }
//                                                                                 ^ leads to Cart.pay
//                                                                                             ^ leads to User.ban
const shop = { add(/** @type {Cart} */ cart) { cart.pay(); } };
//                                                  ^ leads to Cart.pay
class Shop { add(/** @type {Cart} */ cart) { return cart; } static of(/** @type {User} */ user) { user.ban(); } }
//                                                                                                     ^ leads to User.ban
new Shop().add(new Cart()).pay();
//                         ^ leads to Cart.pay
/** @type {(run: (cart: Cart) => void) => void} */
const call = (run) => run(new Cart());
call((/** @type {User} */ user) => user.ban());
//                                      ^ leads to User.ban
const plain = (/* @type {Cart} */ cart) => cart.pay();
//                                              ^ unknown
