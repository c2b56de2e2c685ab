declare module 'pkg' {
//             ^ definition module pkg ambient
  export function f(): void;
  //              ^ definition function f ambient exported in pkg
}
declare global {
  interface Window { cart: string }
  //        ^ definition interface Window ambient in global
}
declare const version: string;
//            ^ definition constant version ambient exported
export declare function g(a: Window): void;
//                      ^ definition function g ambient exported
//                           ^ reference type symbol Window
//! exports g, version
