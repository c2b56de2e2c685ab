import { Options } from './options';
interface Own { a: string }
interface Both { b: string }
declare global {
  interface Window { options: Options; own: Own; both: Both }
  //        ^ definition interface Window ambient in global
  //                          ^ reference type import Options ./options
  //                                        ^ reference type symbol Own
  //                                                   ^ reference type symbol Both@10
  interface Both { c: string }
  var settings: Window;
  //  ^ definition variable settings ambient in global
  //            ^ reference type symbol Window
}
const both: Both = settings.both;
//          ^ reference type symbol Both@3
//                 ^ reference symbol settings
declare global {
  interface Window { more: typeof settings }
  //                              ^ reference type symbol settings
}
