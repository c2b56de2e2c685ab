class Cart { pay() {} }
class Shop { pay() {} }
declare const either: Cart[] | Shop[], mixed: (Cart | Shop)[];
either[0].pay();
//        ^ heuristic Cart.pay or Shop.pay
mixed.forEach((one) => one.pay());
//                         ^ heuristic Cart.pay or Shop.pay
mixed.map((one) => one)[0].pay();
//                         ^ heuristic Cart.pay or Shop.pay
[new Cart(), new Shop()][1].pay();
//                          ^ heuristic Cart.pay or Shop.pay
