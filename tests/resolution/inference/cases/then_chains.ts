class Cart { pay() {} items: Item[] = []; }
class Item { price = 1; }
class Api { load() { return Promise.resolve(new Cart()); } }
new Api().load()
  .then((cart) => { cart.pay(); return cart.items; })
//                       ^ leads to Cart.pay
//                                          ^ leads to Cart.items
  .then((items) => items.map((item) => item.price))
//                                          ^ leads to Item.price
  .then((prices) => prices.length);
//                         ^ external
new Api().load().then(({ items }) => items[0].price);
//                       ^ leads to Cart.items
//                                            ^ leads to Item.price
