import { Kind } from './kinds';
enum Way { On, Off }
interface On { way: Way.On; kind: Kind.Cart; at: 1; done: true; of: number }
interface Off { way: Way.Off; kind: Kind.Shop; at: 2; done: false; of: number }
const ADD = 'add', DROP = 'drop';
interface Add { type: typeof ADD; of: number }
interface Drop { type: typeof DROP | 'gone'; of: number }
declare const state: On | Off, action: Add | Drop;
if (state.way === Way.On) state.of;
//                              ^ leads to On.of
if (state.kind === Kind.Shop) state.of;
//                                  ^ leads to Off.of
if (state.at === 1) state.of; else state.of;
//                        ^ leads to On.of
//                                       ^ leads to Off.of
if (state.done) state.of; else state.of;
//                    ^ leads to On.of
//                                   ^ leads to Off.of
if (state.done === false) state.of;
//                              ^ leads to Off.of
if (action.type === ADD) action.of;
//                              ^ leads to Add.of
if (action.type !== DROP) action.of;
//                               ^ heuristic Add.of or Drop.of
switch (action.type) { case DROP: case 'gone': action.of; }
//                                                    ^ leads to Drop.of
interface Maybe { tag?: 'a'; of: number }
interface Tagged { tag: 'b'; of: number }
declare const either: 'add' | 'drop', maybe: Maybe | Tagged;
if (action.type !== either) action.of;
//                                 ^ heuristic Add.of or Drop.of
if (maybe.tag === undefined) maybe.of; else maybe.of;
//                                 ^ leads to Maybe.of
//                                                ^ heuristic Maybe.of or Tagged.of
class Read { readonly type = 'read'; of = 1; }
class Write { readonly type = 'write'; of = 1; }
class Loose { type = 'loose'; of = 1; }
declare const access: Read | Write, loose: Read | Loose;
if (access.type === 'write') access.of;
//                                  ^ leads to Write.of
if (loose.type !== 'loose') loose.of;
//                                ^ heuristic Read.of or Loose.of
type Failed = { error: Error; value?: undefined; of: number } | { error?: undefined; value: Map<string, string>; of: number };
declare const failed: Failed;
if (failed.error) failed.value; else failed.value;
//                       ^ leads to value@43
//                                          ^ leads to value@43
if (failed.error === undefined) failed.of;
//                                     ^ leads to Failed.of
interface Oops { why: string }
type Found = { error: Oops | null; left: Read } | { error: null; left: Write } | { error?: Oops; left: Loose };
declare const found: Found;
if (found.error) found.left.of; else found.left.of;
//                          ^ heuristic Read.of or Loose.of
//                                              ^ heuristic Read.of or Write.of or Loose.of
if (found.error === null) found.left.of; else found.left.of;
//                                   ^ heuristic Read.of or Write.of
//                                                       ^ heuristic Read.of or Loose.of
type Result = { ok: true; value: Read } | { ok: false; value: Write };
declare const result: Result;
if (!result.ok) result.value.of;
//                           ^ leads to Write.of
if (result.ok) result.value.of;
//                          ^ leads to Read.of
type Named = { name: string } & ({ tag: 'a'; of: Read } | { tag: 'b'; of: Write });
declare const named: Named;
if (named.tag === 'b') named.of.of;
//                              ^ leads to Write.of
// @file: kinds.ts
export enum Kind { Cart = 'cart', Shop = 'shop' }
const empty = { matched: false, type: 'static' };
declare const several: (typeof empty)[];
if (several[0].matched !== several[1].matched) several[0].matched;
//                                                        ^ leads to empty.matched
