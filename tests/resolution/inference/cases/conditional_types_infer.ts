class Cart { pay() {} next!: Shop; }
class Shop { sell() {} }
type Result<F> = F extends (...given: any[]) => infer R ? R : never;
type First<F> = F extends (first: infer A, ...rest: any) => any ? A : never;
type Next<T> = T extends { next: infer N } ? N : T;
type Made<C> = C extends new (...given: any) => infer I ? I : never;
type Both<T> = T extends [infer A, infer B] ? { a: A; b: B } : never;
type Deep<T> = T extends Promise<infer U> ? Deep<U> : T extends (infer E)[] ? Deep<E> : T;
declare const result: Result<() => Cart>, first: First<(cart: Cart) => void>, next: Next<Cart>, same: Next<Shop>;
result.pay();
//     ^ leads to Cart.pay
first.pay();
//    ^ leads to Cart.pay
next.sell();
//   ^ leads to Shop.sell
same.sell();
//   ^ leads to Shop.sell
declare const made: Made<typeof Cart>, both: Both<[Cart, Shop]>, deep: Deep<Promise<Cart[]>[]>;
made.pay();
//   ^ leads to Cart.pay
both.a.pay(), both.b.sell();
//     ^ leads to Cart.pay
//                   ^ leads to Shop.sell
deep.pay();
//   ^ leads to Cart.pay
type Rest<T> = T extends [any, ...infer R] ? R : never;
type Last<T> = T extends [...any[], infer L] ? L : never;
type Chain<S, T> = T extends [] ? S : T extends [infer H, ...infer R] ? Chain<{ of: H; before: S }, R> : never;
declare const rest: Rest<[Shop, Cart]>, last: Last<[Cart, Shop]>, chain: Chain<Cart, [Cart, Shop]>;
rest[0].pay(), last.sell();
//      ^ leads to Cart.pay
//                  ^ leads to Shop.sell
chain.of.sell(), chain.before.of.pay(), chain.before.before.pay();
//       ^ leads to Shop.sell
//                               ^ leads to Cart.pay
//                                                          ^ leads to Cart.pay
type Counted<T extends any[]> = number extends T['length'] ? Cart : Shop;
declare const many: Counted<string[]>, few: Counted<[string]>;
many.pay(), few.sell();
//   ^ leads to Cart.pay
//              ^ leads to Shop.sell
declare function create<T, O extends Cart[] = [Cart]>(of: T, other?: O): { of: T; others: O };
create(new Shop()).others[0].pay();
//                           ^ leads to Cart.pay
