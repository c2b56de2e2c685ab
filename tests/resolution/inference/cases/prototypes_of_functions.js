function Shop(name) { this.name = name; }
Shop.prototype = { sell() { return this; }, open: function () { return new Shop(); } };
const shop = new Shop('a');
shop.sell();
//   ^ leads to sell@2
shop.open().sell();
//   ^ leads to open@2
//          ^ leads to sell@2
