/** Doubles. */
export const double = (n: number): number => n * 2;
//           ^ definition function double exported
//           ^ signature const double = (n: number): number =>
//           ^ documentation Doubles.
//                                           ^ reference local 2 in double
function outer() {
  const inner = () => inner();
  //    ^ definition function inner in outer
  //                  ^ reference call symbol inner
  const plain = 1;
  //    ^ no definition
}
