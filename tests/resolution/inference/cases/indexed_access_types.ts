class Cart { pay() {} }
interface Shop { cart: Cart; list: Cart[] }
declare const one: Shop['cart'], two: Shop['list'][number], three: Array<Cart>[0];
one.pay();
//  ^ leads to Cart.pay
two.pay();
//  ^ leads to Cart.pay
three.pay();
//    ^ leads to Cart.pay
