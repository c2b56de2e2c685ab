class Cart { run() {} }
class Shop { run() {} }
function one(given: Cart | Shop) {
  if (given instanceof Shop) { given.run(); return; }
//                                   ^ leads to Shop.run
  given.run();
//      ^ leads to Cart.run
}
function two(given: unknown) { if (given instanceof Shop) given.run(); }
//                                                              ^ leads to Shop.run
class Base { run() {} }
class Heir extends Base { run() {} }
function three(given: Base) { if (given instanceof Heir) given.run(); else given.run(); }
//                                                             ^ leads to Heir.run
//                                                                               ^ leads to Base.run
one; two; three;
