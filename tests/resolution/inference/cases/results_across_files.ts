// @file: make.ts
class Cart { pay() {} }
export function make() { return new Cart(); }
export const shared = make();
export default () => shared;
// @file: main.ts
import standard, { make, shared } from './make';
make().pay();
//     ^ leads to Cart.pay
shared.pay();
//     ^ leads to Cart.pay
standard().pay();
//         ^ leads to Cart.pay
