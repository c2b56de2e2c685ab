class Cart { pay() {} }
class Shop { pay() {} }
type Chosen<T> = T extends string ? Cart : Shop;
declare const one: Chosen<string>, two: Chosen<number>;
one.pay();
//  ^ gap: leads to Cart.pay
two.pay();
//  ^ gap: leads to Shop.pay
