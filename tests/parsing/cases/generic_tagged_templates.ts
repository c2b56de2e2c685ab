import { sql, Row } from './sql';
const one = sql<Row>`select ${one}`;
//          ^ reference call import sql ./sql
//              ^ reference type import Row ./sql
//                            ^ reference symbol one
const two = sql<string>`a`;
//              ^ no reference
const three = { at: sql.raw<Row | null | number>`b`.as };
//                      ^ reference call import-member sql.raw
//                          ^ reference type import Row ./sql
const four = sql < one > two;
//           ^ reference read import sql ./sql
//                 ^ reference read symbol one
const list = one < two || two > one;
//                        ^ reference read symbol two
//! errors 0
