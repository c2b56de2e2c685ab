interface Options { depth: Depth; name?: string }
interface Depth { max: number }
declare const some: Partial<Options>, all: Required<Options>, kept: Readonly<Options>;
some.depth?.max;
//   ^ leads to Options.depth
//          ^ leads to Depth.max
all.name;
//  ^ leads to Options.name
kept.depth.max;
//   ^ leads to Options.depth
//         ^ leads to Depth.max
function take(given: Readonly<Partial<Options>>) { given.depth!.max; }
//                                                       ^ leads to Options.depth
//                                                              ^ leads to Depth.max
take;
