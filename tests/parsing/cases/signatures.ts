export const limit = 10, name: string = compute();
//           ^ signature const limit = 10
//                       ^ signature const name: string
function f(
//       ^ signature function f( a: string, b = '//', ): void
  a: string, // the first
  b = '//',
): void {}
type Id = string | number;
//   ^ signature type Id = string | number
class A<T> extends Array<T> { m = (x: T): void => {}; }
//    ^ signature class A<T> extends Array<T>
//                            ^ signature m = (x: T): void =>
