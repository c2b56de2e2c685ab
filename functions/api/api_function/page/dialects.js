// Colours of code: comments, strings, templates, expressions, numbers, keywords and the like, line by
// line. A line is read once, from its beginning to its end, whatever stands in it.

const KEYWORDS = new Set(
  ("abstract as asserts async await break case catch class const constructor continue debugger declare " +
    "default delete do else enum export extends finally for from function get if implements import in " +
    "infer instanceof interface is keyof let module namespace new of out override package private " +
    "protected public readonly require return satisfies set static switch throw try type typeof unique " +
    "using var void while with yield").split(" "),
);
const VALUES = new Set("true false null undefined this super NaN Infinity".split(" "));
const TYPES = new Set("any bigint boolean never number object string symbol unknown".split(" "));
// Words that are names as often as not, unless another name follows them on the line.
const SOFT = new Set(
  "abstract as asserts async constructor declare from get infer is module namespace of out override package require satisfies set type unique using".split(" "),
);
const NAME = /[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*/uy;
const NUMBER = /0[xX][\da-fA-F_]+n?|0[oO][0-7_]+n?|0[bB][01_]+n?|(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d[\d_]*)?n?/y;
const TAG_BEGINS = /<(?:>|[\p{ID_Start}$_])/uy;
const TAG_NAME = /[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d.:-]*/uy;
const FOLLOWED_BY_NAME = /\s+[\p{ID_Start}$_{["'*]/uy;
const CALLED = /\s{0,8}\(/y;
// Where things are nested deeper than people write, the rest is not coloured.
const DEEPEST = 200;

/** How the lines of a file are to be read, by its path. */
function dialectOf(path) {
  const ending = /\.([^./]+)$/.exec(path)?.[1].toLowerCase() ?? "";
  return {
    known: ["ts", "mts", "cts", "tsx", "js", "mjs", "cjs", "jsx", "json", "jsonc"].includes(ending),
    jsx: ["tsx", "js", "mjs", "cjs", "jsx"].includes(ending),
    json: ["json", "jsonc"].includes(ending),
  };
}

/** Where the first line of a file begins: in no comment, string or tag, and no value before it. */
const LINE_ONE = { stack: null, value: false };

/**
 * Reads one line. `tokens` are its coloured pieces in order, each as start, end and kind, which is
 * one of comment, string, number, keyword, value, regexp, type, call, property and tag; `state` is
 * how the next line begins.
 */
function lexLine(text, state, dialect) {
  if (!dialect.known) return { tokens: [], state };
  const line = new LineReader(text, state, dialect);
  line.read();
  return { tokens: line.tokens, state: { stack: line.stack, value: line.value } };
}
