class Cart { run() {} }
class Shop { run() {} }
declare function open(name: string): Cart;
declare function open(id: number): Shop;
open('').run();
//       ^ leads to Cart.run
open(1).run();
//      ^ leads to Shop.run
declare function flag(yes: true): Cart;
declare function flag(yes: false): Shop;
flag(false).run();
//          ^ leads to Shop.run
function make(kind: 'cart'): Cart;
function make(kind: 'shop'): Shop;
function make(kind: string): Cart | Shop { return kind === 'cart' ? new Cart() : new Shop(); }
make('shop').run();
//           ^ leads to Shop.run
