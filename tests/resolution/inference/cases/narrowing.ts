class Cart { pay() {} size = 1; }
class Shop { sell() {} size = 1; }
declare const some: Cart | Shop, any: unknown;
if (some instanceof Shop) some.sell();
//                             ^ leads to Shop.sell
if (any instanceof Cart) any.pay();
//                           ^ leads to Cart.pay
function isCart(of: unknown): of is Cart { return !!of; }
if (isCart(any)) any.pay();
//                   ^ leads to Cart.pay
if (some instanceof Shop) some.size;
//                             ^ leads to Shop.size
if ('pay' in some) some.pay();
//                      ^ leads to Cart.pay
