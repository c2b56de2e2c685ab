/** Adds up. */
export async function total<T>(items: T[], start = 0): Promise<number> {
//                    ^ definition function total exported async
//                    ^ signature async function total<T>(items: T[], start = 0): Promise<number>
//                    ^ documentation Adds up.
  return items.length + start;
  //     ^ reference read local 2 in total
  //           ^ reference unknown
  //                    ^ reference read local 2
}
function* walk() {}
//        ^ definition function walk generator
