class Cart { pay() {} }
class User { ban() {} }
/** @typedef {(cart: Cart, user: User) => Cart} Handler */
const short = /** @type {Handler} */ (cart, user) => { user.ban(); return cart; };
//                                                          ^ leads to User.ban
short(new Cart(), new User()).pay();
//                            ^ leads to Cart.pay
class Shop {
  /** @type {Handler} */
  add(cart, user) { user.ban(); return cart; }
//                       ^ leads to User.ban
}
new Shop().add(new Cart(), new User()).pay();
//                                     ^ leads to Cart.pay
const shop = {
  /** @type {Handler} */
  add(cart, user) { user.ban(); return cart; },
//                       ^ leads to User.ban
  /** @type {Handler} */
  pair: (cart, user) => { user.ban(); return cart; },
//                             ^ leads to User.ban
};
shop.add(new Cart(), new User()).pay();
//                               ^ leads to Cart.pay
take(/** @type {Handler} */ (cart, user) => { user.ban(); return cart; });
//                                                 ^ leads to User.ban
take(/** @type {Handler} */ ((cart, user) => { user.ban(); return cart; }));
//                                                  ^ leads to User.ban
function take(handler) {}
exports.handle = /** @type {Handler} */ (cart, user) => { user.ban(); return cart; };
//                                                             ^ leads to User.ban
function back() { return /** @type {Handler} */ (cart, user) => { user.ban(); return cart; }; }
//                                                                     ^ leads to User.ban
back()(new Cart(), new User()).pay();
//                             ^ leads to Cart.pay
