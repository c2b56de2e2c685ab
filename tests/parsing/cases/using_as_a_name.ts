interface Index { using?: string }
export function on(using: string, other = using) {
//                 ^ no reference
//                                        ^ reference local 2
  if (using) return { using };
  //  ^ reference local 2
  //                  ^ reference local 2
  return using ? using : other;
  //     ^ reference local 2
}
export const after = 1;
//           ^ definition constant after exported
//! errors 0
