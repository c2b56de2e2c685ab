class Cart { pay() {} static open() {} }
const one: any = new Cart();
one.pay();
//  ^ unknown
let two: unknown = new Cart();
(two as any).pay();
//           ^ unknown
(new Cart() as any).pay();
//                  ^ unknown
function take(given: any = new Cart()) { given.pay(); }
//                                             ^ unknown
function make(): any { return new Cart(); }
make().pay();
//     ^ unknown
const { pay }: any = new Cart();
//      ^ unknown
class Shop { held: any = new Cart(); run() { this.held.pay(); } }
//                                                     ^ unknown
const list: any[] = [new Cart()];
list[0].pay();
//      ^ unknown
const type: any = Cart;
type.open();
//   ^ unknown
take; pay; Shop;
