class Cart { pay() {} }
type Unpacked<T> = T extends (infer U)[] ? U : T;
type Loaded<T> = T extends Promise<infer V> ? V : never;
declare const one: Unpacked<Cart[]>, two: Loaded<Promise<Cart>>, three: Unpacked<Cart>;
one.pay();
//  ^ leads to Cart.pay
two.pay();
//  ^ leads to Cart.pay
three.pay();
//    ^ leads to Cart.pay
