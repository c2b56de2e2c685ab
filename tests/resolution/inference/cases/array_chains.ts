class Cart { pay() {} items: Item[] = []; open = true; }
class Item { price = 1; }
declare function load(): Cart[];
load()
  .filter((cart) => cart.open)
//                       ^ leads to Cart.open
  .slice(0, 3)
  .flatMap((cart) => cart.items)
//                        ^ leads to Cart.items
  .map((item) => ({ item, price: item.price }))
//                                    ^ leads to Item.price
  .filter((one) => one.price > 1)
//                     ^ leads to price@10
  .forEach((one) => one.item.price);
//                      ^ leads to item@10
//                           ^ leads to Item.price
