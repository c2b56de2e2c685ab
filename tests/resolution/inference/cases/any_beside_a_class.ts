class Cart { pay() {} }
declare const any: any, yes: boolean;
const one = any || new Cart();
one.pay();
//  ^ wrong: heuristic Cart.pay
const two = yes ? new Cart() : any;
two.pay();
//  ^ wrong: heuristic Cart.pay
function make(given: any) { if (yes) return given; return new Cart(); }
make(1).pay();
//      ^ wrong: heuristic Cart.pay
declare const three: Cart | any;
three.pay();
//    ^ wrong: heuristic Cart.pay
