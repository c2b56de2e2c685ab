class Cart { pay() {} }
class User { ban() {} }
class Shop {
  set early(value) { value.pay(); }
//                         ^ leads to Cart.pay
  get early(): Cart { return null as never; }
  get late() { return null as any; }
  set late(value: Cart) { value.pay(); }
//                              ^ leads to Cart.pay
  static get one(): Cart { return null as never; }
  static set one(value) { value.pay(); }
//                              ^ leads to Cart.pay
  get one(): User { return null as never; }
  set one(value) { value.ban(); }
//                       ^ leads to User.ban
  get both(): Cart { return null as never; }
  set both(value: Cart | string) { if (typeof value !== "string") value.pay(); }
//                                                                      ^ leads to Cart.pay
  get inferred() { return new Cart(); }
  set inferred(value) { value.pay(); }
//                            ^ leads to Cart.pay
}
const shop = new Shop();
shop.early.pay();
//         ^ leads to Cart.pay
shop.late.pay();
//        ^ leads to Cart.pay
Shop.one.pay();
//       ^ leads to Cart.pay
shop.one.ban();
//       ^ leads to User.ban
shop.both.pay();
//        ^ leads to Cart.pay
shop.inferred.pay();
//            ^ leads to Cart.pay
interface Described { get cart(): Cart; set cart(value); }
declare const described: Described;
described.cart.pay();
//             ^ leads to Cart.pay
declare const literal: { get cart(): Cart; set cart(value: Cart) };
literal.cart.pay();
//           ^ leads to Cart.pay
const object = { get cart() { return new Cart(); }, set cart(value) { value.pay(); }, set only(value: Cart) {} };
//                                                                          ^ leads to Cart.pay
object.cart.pay();
//          ^ leads to Cart.pay
object.only.pay();
//          ^ leads to Cart.pay
const { cart: taken } = object;
taken.pay();
//    ^ leads to Cart.pay
