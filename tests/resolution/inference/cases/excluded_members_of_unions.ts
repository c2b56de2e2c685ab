class Cart { pay() {} kind = 'a'; }
class Shop { sell() {} kind = 'b'; }
type Either = Cart | Shop;
declare const shop: Exclude<Either, Cart>, cart: Extract<Either, Cart>;
shop.kind;
//   ^ wrong: leads to Shop.kind
cart.kind;
//   ^ wrong: leads to Cart.kind
