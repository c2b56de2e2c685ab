class Cart { pay() {} open = 1; }
class Shop { pay() {} sell() {} }
declare const either: Cart | Shop;
either.pay();
//     ^ heuristic Cart.pay or Shop.pay
class Base { same() {} }
class Left extends Base {}
class Right extends Base {}
declare const side: Left | Right;
side.same();
//   ^ leads to Base.same
