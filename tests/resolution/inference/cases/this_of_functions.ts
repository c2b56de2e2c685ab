interface Cart { pay(): void; name: string }
type Handler = (this: Cart, at: number) => void;
const handler: Handler = function (at) { this.pay(); (() => this.pay())(); at; };
//                                            ^ leads to Cart.pay
//                                                               ^ leads to Cart.pay
declare function on(handler: Handler): void;
on(function () { this.pay(); });
//                    ^ leads to Cart.pay
class Shop {
  sell() {}
  run(this: Cart) { this.pay(); }
  //                     ^ leads to Cart.pay
  done = function (this: Cart) { this.pay(); };
  //                                  ^ leads to Cart.pay
  stop() { this.sell(); }
  //            ^ leads to Shop.sell
}
const handlers: Record<string, Handler> = {
  paid() { this.pay(); },
  //            ^ leads to Cart.pay
  gone: function () { this.pay(); },
  //                       ^ leads to Cart.pay
};
const plain = { stop() {}, run: function () { this.stop(); }, again() { this.stop(); } };
//                                                 ^ leads to plain.stop
//                                                                           ^ leads to plain.stop
function nowhere() { this.pay(); }
//                        ^ unknown
handler; Shop; handlers; plain; nowhere;
