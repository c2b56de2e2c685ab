export type Lost =
  | Kept[]
  | ((context: {
      name: string;
      hints: (import('./hints').Hint & {
        chunks: string[];
      })[];
    }) => Kept);
export interface Options { name: string; kept?: Kept }
//               ^ definition interface Options exported
//                                              ^ reference type symbol Kept
export class Kept {
//           ^ definition class Kept exported
  run(given: Options) { return given.name; }
//           ^ reference type symbol Options
}
//! errors 1
