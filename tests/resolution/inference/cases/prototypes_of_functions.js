function Shop(name) { this.name = name; }
Shop.prototype = { sell() { return this; }, open: function () { return new Shop(); } };
const shop = new Shop('a');
shop.sell();
//   ^ wrong: leads to sell@2
shop.open().sell();
//   ^ wrong: leads to open@2
//          ^ wrong: leads to sell@2
