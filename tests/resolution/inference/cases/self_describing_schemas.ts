class Schema<T> { constructor(private read: (raw: unknown) => T) {} parse(raw: unknown): T { return this.read(raw); } }
function object<S extends Record<string, Schema<any>>>(shape: S) { return new Schema<{ [K in keyof S]: S[K] extends Schema<infer V> ? V : never }>(() => shape as any); }
type Infer<S> = S extends Schema<infer V> ? V : never;
const cart = object({ total: new Schema(() => ({ sum: 1 })) });
declare const made: Infer<typeof cart>;
made.total.sum;
//   ^ leads to total@4
//         ^ leads to sum@4
cart.parse({}).total;
//   ^ leads to Schema.parse
//             ^ leads to total@4
