class Cart { pay() {} length = 1; }
declare const some: Cart | string, late: Cart | Promise<Cart>, more: Cart | HTMLElement;
some.length;
//   ^ wrong: heuristic Cart.length
(await late).pay();
//           ^ leads to Cart.pay
if (more instanceof Cart) more.pay();
//                             ^ leads to Cart.pay
export {};
