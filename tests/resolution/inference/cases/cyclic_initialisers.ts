class Cart { pay() {} }
var a = b, b = a;
a.pay();
//^ unknown
const f = () => g(), g = () => f();
f().pay();
//  ^ unknown
function rec(n: number) { return n ? rec(n - 1) : new Cart(); }
rec(1).pay();
//     ^ leads to Cart.pay
class Loop { self = this.self; other = new Loop().other; run() { this.self.run(); } }
//                                                                         ^ unknown
let x = x.pay;
//        ^ unknown
Loop;
