enum Kind { Query, Mutation }
interface Base<A> { given: A }
interface QueryParts<T> { kind: Kind.Query; provides?: T }
interface MutationParts<T> { kind: Kind.Mutation; changes?: T }
type Query<A, T> = Base<A> & QueryParts<T>;
type Mutation<A, T> = Base<A> & MutationParts<T>;
interface OnQuery { watch(): void }
interface OnMutation { send(): void }
type Hooks<D> = { [K in keyof D]: D[K] extends Query<any, any> ? OnQuery : D[K] extends Mutation<any, any> ? OnMutation : never };
declare function query<A, T>(of: { given: A; result: T }): Query<A, T>;
declare function mutation<A, T>(of: { given: A; result: T }): Mutation<A, T>;
declare function build<D>(of: D): Hooks<D>;
const api = build({ list: query({ given: 1, result: "" }), add: mutation({ given: 1, result: "" }) });
api.list.watch();
//  ^ leads to list@13
//       ^ leads to OnQuery.watch
api.add.send();
//      ^ leads to OnMutation.send
type Marked<A> = A extends { type: "a" } ? { first: A } : { other: A };
declare const first: Marked<{ type: "a"; one: number }>;
declare const other: Marked<{ type: "b"; two: number }>;
first.first.one;
//    ^ leads to local first@19
//          ^ leads to local one@20
other.other.two;
//    ^ leads to local other@19
//          ^ leads to local two@21
declare function handle<T extends { type: "x" }>(one: T): { of_x: T };
declare function handle<T extends { type: "y" }>(one: T): { of_y: T };
handle({ type: "y" }).of_y;
//                    ^ leads to local of_y@29
handle({ type: "x" }).of_x;
//                    ^ leads to local of_x@28
type Known<D extends Base<any>> = D extends Query<any, any> ? OnQuery : OnMutation;
function sent<D extends Base<any>>(of: Known<D>) {
  if ("watch" in of) {
    of.watch();
//     ^ leads to OnQuery.watch
  }
}
