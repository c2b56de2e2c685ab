export { a, b as c, default as d } from './x';
//       ^ reference export module ./x a
//          ^ reference export module ./x b
//               ^ no reference
export * from './y';
export * as ns from './z';
export type { T } from './t';
export * as default from './d';
//! export a module ./x a
//! export c module ./x b
//! export d module ./x default
//! export * module ./y *
//! export ns module ./z *
//! export default module ./d *
//! request export_from "./t"
//! requests 5
