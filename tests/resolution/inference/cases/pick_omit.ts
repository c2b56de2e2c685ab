interface Options { depth: Depth; name: string; size: number }
interface Depth { max: number }
declare const some: Pick<Options, 'depth'>, rest: Omit<Options, 'name'>;
some.depth.max;
//   ^ leads to Options.depth
//         ^ leads to Depth.max
rest.size;
//   ^ leads to Options.size
rest.depth.max;
//         ^ leads to Depth.max
