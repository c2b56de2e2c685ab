interface Cart { total: number }
type Checked<R> = R & { [K in keyof R]: R[K] extends { run(given: infer A): any } ? { prepare?: A } : {} };
declare function slice<S, R>(of: { state: S; actions: Checked<R> }): { state: S; actions: R };
const made = slice({ state: { total: 1 }, actions: { add: { run(given: Cart) {} } } });
made.actions.add.run({ total: 1 });
//           ^ leads to local add@4
//               ^ leads to local run@4
declare function extend<T>(of: T & { extended?: Cart }): T;
extend({ total: 1, extended: { total: 1 } }).extended.total;
//                                           ^ leads to local extended@9
