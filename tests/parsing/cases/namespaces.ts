namespace Shop {
//        ^ definition namespace Shop
  export const tax = 1;
  //           ^ definition constant tax exported in Shop
  const hidden = tax;
  //             ^ reference symbol tax
  export interface Item {}
  export namespace Deep { export function f() {} }
}
namespace Shop { tax; hidden; }
//               ^ reference symbol tax
//                    ^ reference undeclared
Shop.tax;
//   ^ reference symbol tax
Shop.hidden;
//   ^ reference unknown
let i: Shop.Item;
//          ^ reference type symbol Item
Shop.Deep.f();
//        ^ reference call symbol f
import D = Shop.Deep;
D.f();
// <- reference symbol Deep
//^ reference call symbol f
namespace A.B { export let y = 1; }
//        ^ definition namespace A
//          ^ definition namespace B exported in A
A.B.y;
//  ^ reference symbol y
