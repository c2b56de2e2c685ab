export type Name = | string | import('./path').Fn<
    import('./compilation').Data
  >;
export type Ignore = import('./plugin').Ignore[];
export interface Options { name: Name; ignore?: Ignore }
//               ^ definition interface Options ambient exported
//                               ^ reference type symbol Name
export type Loader<in T> = (given: T) => void;
//          ^ definition type Loader ambient exported
//! errors 0
