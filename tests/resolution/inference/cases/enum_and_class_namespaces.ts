enum Kind { Big, Small }
namespace Kind { export function parse(text: string) { text; return Kind.Big; } }
//                                                                       ^ leads to Kind.Big
Kind.parse('');
//   ^ leads to Kind.parse
class Cart { pay() {} }
namespace Cart { export interface Options { depth: number } export const shared = new Cart(); }
declare const options: Cart.Options;
options.depth;
//      ^ leads to Options.depth
Cart.shared.pay();
//   ^ leads to Cart.shared
//          ^ leads to Cart.pay
