class Cart { pay() {} kind = 'a'; }
class Shop { sell() {} kind = 'b'; }
type Either = Cart | Shop;
declare const shop: Exclude<Either, Cart>, cart: Extract<Either, Cart>;
shop.kind;
//   ^ leads to Shop.kind
cart.kind;
//   ^ leads to Cart.kind
