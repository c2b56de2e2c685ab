class Cart { pay() {} }
function open(cart: Cart, depth: { max: number }) { return [cart, depth]; }
declare const all: Parameters<typeof open>, depth: Parameters<typeof open>[1];
all[0].pay();
//     ^ leads to Cart.pay
depth.max;
//    ^ leads to max@2
class Shop { constructor(cart: Cart) { cart; } }
declare const made: ConstructorParameters<typeof Shop>;
made[0].pay();
//      ^ gap: leads to Cart.pay
