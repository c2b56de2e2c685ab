class Cart { pay() {} }
class Shop { pay() {} }
type Chosen<T> = T extends string ? Cart : Shop;
declare const one: Chosen<string>, two: Chosen<number>;
one.pay();
//  ^ leads to Cart.pay
two.pay();
//  ^ leads to Shop.pay
