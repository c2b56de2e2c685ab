function Shop(name) { this.name = name; }
Shop.prototype = { sell() { return this; }, open: function () { return new Shop(); } };
const shop = new Shop('a');
shop.sell();
//   ^ gap: leads to sell@2
shop.open().sell();
//   ^ gap: leads to open@2
//          ^ gap: leads to sell@2
