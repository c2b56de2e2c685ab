class Box<T> { value!: T; wrap(): Box<Box<T>> { return null!; } more = this.wrap(); }
class Cart { pay() {} }
declare const box: Box<Cart>;
box.wrap().wrap().value.value.value.pay();
//                                  ^ leads to Cart.pay
type Nest<T> = { inner: Nest<T[]>; value: T };
declare const nest: Nest<Cart>;
nest.inner.inner.value[0][0].pay();
//                           ^ leads to Cart.pay
interface Loop<T extends Loop<T>> { next: T }
declare const loop: Loop<any>;
loop.next;
//   ^ leads to Loop.next
class Self<T extends Self<T>> { me!: T; run() { this.me.run(); } }
//                                                      ^ leads to Self.run
Self;
