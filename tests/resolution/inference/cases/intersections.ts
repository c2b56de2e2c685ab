interface Named { name: string }
class Cart { pay() {} }
declare const both: Named & Cart, more: Cart & { extra: Named };
both.name;
//   ^ leads to Named.name
both.pay();
//   ^ leads to Cart.pay
more.extra.name;
//   ^ leads to extra@3
//         ^ leads to Named.name
type Tagged = Cart & Named;
declare const tagged: Tagged;
tagged.pay();
//     ^ leads to Cart.pay
