(function (root) {
  function Cart(items) {
    this.items = items;
    this.open = true;
    this.add(1);
//       ^ leads to Cart.add
  }
  Cart.prototype.add = function (item) {
    this.items.push(item);
//       ^ leads to Cart.items
    return this.check();
//              ^ leads to Cart.check
  };
  Cart.prototype.check = function () {
    if (this.open) this.add(2);
//           ^ leads to Cart.open
//                      ^ leads to Cart.add
    return this;
  };
  Cart.of = function (items) { return new Cart(items); };
  Cart.of([]).add(1).check();
//     ^ leads to Cart.of
//            ^ leads to Cart.add
//                   ^ leads to Cart.check
  function User() {}
  User.prototype = {
    ban() { return this.named(); },
//                      ^ leads to User.named
    named: function () { return this; },
  };
  new User().ban().named();
//           ^ leads to User.ban
//                 ^ leads to User.named
  function twice(of) { return of; }
  twice.more = function (of) { return twice(twice(of)); };
  twice.more(new Cart([]));
//      ^ leads to twice.more
  root.Cart = Cart;
})(this);
var Shop = (function () {
  function Shop(name) { this.name = name; }
  Shop.prototype.sell = function () { return this; };
  Shop.make = function () { return new Shop("a"); };
  return Shop;
})();
new Shop("b").sell().name;
//            ^ leads to Shop.sell
//                   ^ leads to Shop.name
Shop.make().sell();
//   ^ leads to Shop.make
//          ^ leads to Shop.sell
class Base {
  constructor(limit) {
    if (limit) Base.limit = limit;
  }
}
Base.limit = 1;
Base.limit.toFixed();
//   ^ leads to limit@57
function later() {
  Late.run();
//     ^ leads to Late.run
  function Late() {}
  Late.run = function () {};
}
