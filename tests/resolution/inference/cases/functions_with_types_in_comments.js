class Cart { pay() {} }
/** @typedef {{ (text: string): void, warn: (text: string) => Cart }} Log */
function logger() {
  /** @type {Log} */
  const log = (text) => {};
  log.warn = () => new Cart();
//    ^ leads to warn@2
  log.warn("").pay();
//    ^ leads to warn@2
//             ^ leads to Cart.pay
  return log;
}
logger().warn("").pay();
//       ^ leads to warn@2
//                ^ leads to Cart.pay
function outer() {
  function Shop() { this.carts = []; }
  /** @this {Cart} */
  Shop.prototype.sell = function () { this.pay(); };
//                                         ^ leads to Cart.pay
}
