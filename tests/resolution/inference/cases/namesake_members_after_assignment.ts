class Cart { run() {} }
class Shop { run() {} }
let either: Cart | Shop = new Cart();
either.run();
//     ^ wrong: leads to Cart.run
either = new Shop();
either.run();
//     ^ wrong: leads to Shop.run
let later;
later = new Cart();
later.run();
//    ^ wrong: leads to Cart.run
later = new Shop();
later.run();
//    ^ wrong: leads to Shop.run
