// @file: main.ts
class Query<T> { rows!: T[]; named(name: string): Query<T> { return this; } }
interface User { name: string }
declare function sql<T = User>(texts: TemplateStringsArray, ...given: unknown[]): Query<T>;
declare const db: { sql: typeof sql };
sql`select`.named('x').rows[0].name;
//          ^ leads to Query.named
//                     ^ leads to Query.rows
//                             ^ leads to User.name
sql<User>`select ${1}`.named('x').rows[0].name;
//                     ^ leads to Query.named
//                                ^ leads to Query.rows
//                                        ^ leads to User.name
db.sql<User>`select`.rows[0].name;
//                   ^ leads to Query.rows
//                           ^ leads to User.name
const kept = sql<User>`select`;
kept.rows[0].name;
//   ^ leads to Query.rows
//           ^ leads to User.name
const text = sql<string>`select`.named('x');
text.rows[0].length;
//   ^ leads to Query.rows
//           ^ external
const both = sql<User | string>`select`;
both.named('x');
//   ^ leads to Query.named
sql<User[]>`select`.rows[0][0].name;
//                  ^ leads to Query.rows
//                             ^ leads to User.name
`plain`.length;
//      ^ external
declare const a: number, b: number;
const less = a < b;
less.valueOf;
//   ^ external
