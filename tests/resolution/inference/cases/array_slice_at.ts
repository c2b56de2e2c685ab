class Cart { pay() {} id = 1; }
declare const carts: Cart[];
carts.slice(1)[0].pay();
//                ^ leads to Cart.pay
carts.at(-1)?.pay();
//            ^ leads to Cart.pay
carts.pop()!.pay();
//           ^ leads to Cart.pay
carts.shift()?.pay();
//             ^ leads to Cart.pay
carts.concat([new Cart()])[0].pay();
//                            ^ leads to Cart.pay
carts.reverse()[0].pay();
//                 ^ leads to Cart.pay
carts.sort((a, b) => a.id - b.id)[0].pay();
//                     ^ leads to Cart.id
//                            ^ leads to Cart.id
//                                   ^ leads to Cart.pay
carts.splice(0, 1)[0].pay();
//                    ^ leads to Cart.pay
carts.toSorted((a, b) => a.id - b.id)[0].pay();
//                         ^ leads to Cart.id
//                                       ^ leads to Cart.pay
[...carts].sort();
//         ^ external
