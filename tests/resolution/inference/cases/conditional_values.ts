class Cart { pay() {} }
class Shop { sell() {} pay() {} }
declare const yes: boolean, maybe: Cart | undefined, none: null;
(yes ? new Cart() : null)?.pay();
//                         ^ leads to Cart.pay
(maybe || new Cart()).pay();
//                    ^ leads to Cart.pay
(maybe ?? new Cart()).pay();
//                    ^ leads to Cart.pay
(maybe && new Cart())?.pay();
//                     ^ leads to Cart.pay
(yes && new Shop() || none)?.sell();
//                           ^ leads to Shop.sell
const either = yes ? new Cart() : new Shop();
either.pay();
//     ^ heuristic Cart.pay or Shop.pay
const defaulted = maybe ?? new Cart();
defaulted.pay();
//        ^ leads to Cart.pay
(1, new Cart()).pay();
//              ^ leads to Cart.pay
