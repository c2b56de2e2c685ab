interface Context { point: { skipped: boolean } }
type Scriptable<T> = T | ((context: Context) => T);
interface Options { size: { width: number }; segment: { color: Scriptable<string>; rows: { one: number }[] } }
type DeepPartial<T> = T extends Function ? T : T extends Array<infer U> ? DeepPartial<U>[] : T extends object ? Partly<T> : T | undefined;
type Partly<T> = { [P in keyof T]?: DeepPartial<T[P]> };
declare const options: DeepPartial<Options>;
options.size!.width;
//      ^ leads to Options.size
//            ^ leads to size.width
options.segment!.rows![0]!.one;
//               ^ leads to segment.rows
//                         ^ leads to local one@3
declare function draw(options: DeepPartial<Options>): void;
draw({ segment: { color: (context) => context.point.skipped ? "a" : "b" } });
//                                            ^ leads to Context.point
//                                                  ^ leads to point.skipped
type Settled<T> = { [P in keyof T]-?: { held: T[P] } };
declare const settled: Settled<Options>;
settled.size.held.width;
//           ^ leads to local held@17
//                ^ leads to size.width
type Added<T> = { [P in keyof T]+?: T[P] };
declare const added: Added<Options>;
added.size!.width;
//          ^ leads to size.width
