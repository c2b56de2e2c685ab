class Cart { pay() {} static open() {} }
interface Maker { new (name: string): Cart }
declare const Make: Maker, Plain: new () => Cart, Literal: { new (): Cart; open(): void };
new Make('').pay();
//           ^ leads to Cart.pay
new Plain().pay();
//          ^ leads to Cart.pay
new Literal().pay();
//            ^ leads to Cart.pay
function build<T>(Type: new () => T): T { return new Type(); }
build(Cart).pay();
//          ^ leads to Cart.pay
function built(Type: typeof Cart) { return new Type(); }
built(Cart).pay();
//          ^ leads to Cart.pay
