"""A small repository whose exports are worked out by hand, and one with all that is odd."""

SHOP = {
    "src/shapes.ts": """\
/** Anything with an area. */
export interface Shape {
  area(): number;
}
export abstract class Base implements Shape {
  constructor(protected readonly name: string) {}
  abstract area(): number;
  static count = 0;
}
function twice(value: number): number;
function twice(value: string): number;
function twice(value: unknown) {
  const helper = () => Number(value);
  return helper() * 2;
}
export const enlarge = (by: number) => twice(by);
""",
    "src/square.ts": """\
import { readFile as read } from "node:fs";
import * as path from "path";
import lodash, { map } from "lodash/fp";
import { Base, enlarge } from "./shapes";
export class Square extends Base {
  area(): number {
    map(read, path.join("a"), lodash);
    console.log("🚀", enlarge(2));
    return 4;
  }
}
""",
    "tool.js": """\
const debug = require("debug");
module.exports = function () { debug(1) };
""",
    "use.js": """\
const tool = require("./tool");
tool(unknown.thing);
""",
}

ODD = {
    "[id]/it's `x`.ts": """\
export default function () { return 1 }
it("x", () => { function App() { return <T>1 } class K { z = 1 } interface P {} })
it("y", () => { function App() {} const x = { y: 1, w() {} }; interface P {} return x.y })
export const obj = { k: { l: 1 }, n: () => { const nn = () => 1; return nn }, "a`b c": 1, "": 2 };
export const { pa, pb: pc } = obj as any;
namespace N.M { export const v = 1 }
declare module "foo/bar" { export function g(): void }
declare function amb(a: string): void;
declare function amb(a: number): void;
interface P { "quoted name": string; 7: number; [Symbol.iterator](): any }
interface P { other: 1 }
class Ünï { static m() {} m() {} get x() { return 1 } set x(v) {} #h = 1; static #s() {} }
((a) => a); ((b) => (b) => b); label: for (const i of [1]) { i }
""",
    "plain.jsx": """\
function Fn() { this.x = 1 }\r
Fn.prototype.meth = function () { return this.x };\r
module.exports = { Fn, other: function () {} };\rexports.foo = 1; /* \u2028 */ Fn();
""",
    "use.mts": """\
import dflt, * as all from "./[id]/it's `x`";
import { Fn, other } from "./plain.jsx";
export { other as renamed, Fn } from "./plain.jsx";
dflt(); all.obj.k.l; all.pa; new Fn().meth(); other();
function make() { class Inner { m() {} n() {} } return new Inner() }
export const made = make();
""",
    "user.mts": 'import { made } from "./use.mjs";\nmade.m();\n',
}
