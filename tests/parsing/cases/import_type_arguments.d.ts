interface Props { a: string }
export interface Made<Exports = {}> {
  new (options: import('svelte').Options<Props>): import('svelte').Component<Props, Map<
  //                             ^ reference type module svelte Options
    string, () => void>> & Exports;
  //                       ^ reference type local 2
  bindings?: string;
  // <- definition property bindings optional ambient in Made
}
export declare const made: Made;
//                   ^ definition constant made ambient exported
//                         ^ reference type symbol Made
//! errors 0
