class Cart { items: Item[] = []; }
class Item { price = 1; }
declare const carts: Cart[], nested: Item[][];
carts.flatMap((cart) => cart.items)[0].price;
//                           ^ leads to Cart.items
//                                     ^ leads to Item.price
nested.flat()[0].price;
//               ^ leads to Item.price
carts.map((cart) => cart.items).flat().map((item) => item.price);
//                                                        ^ leads to Item.price
