import type { Other } from './other';
interface Options { deep: Inner }
//        ^ definition interface Options ambient exported
type Inner = Other;
//   ^ definition type Inner ambient exported
declare function make(): Options;
//               ^ definition function make ambient exported
declare namespace tools {
//                ^ definition namespace tools ambient exported
  const saw: number;
  //    ^ definition constant saw ambient in tools
}
export declare const said: Inner;
//                   ^ definition constant said ambient exported
export as namespace everything;
//! exports Inner, Options, make, said, tools
