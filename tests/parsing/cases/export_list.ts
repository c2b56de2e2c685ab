const a = 1;
//    ^ definition constant a exported
type B = string;
//   ^ definition type B exported
import { c } from './c';
export { a, type B as Bee, c as default };
//       ^ reference export symbol a
//               ^ reference export symbol B
//                         ^ reference export import c ./c
//! export a symbol a
//! export Bee symbol B
//! export default import c ./c
//! exports a, Bee, default
