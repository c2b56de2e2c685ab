// One line of code as elements: its colours, the names in it that lead somewhere, and what hides in it.

const LINE_END = /\r\n|[\n\r\u2028\u2029]/;
/** Of a line as much is shown at first, and as much more with each click. */
const SHOWN = 2_000;
const SHOWN_MORE = 20_000;

// What is not seen, or changes how the text around it is read; joined emoji are seen as they are.
const ODD =
  /\p{Extended_Pictographic}\ufe0f?(?:\u200d\p{Extended_Pictographic}\ufe0f?)+|[\0-\x08\x0b-\x1f\x7f-\x9f\p{Cf}\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0]/gu;
const ODD_NAMES = {
  "00ad": "soft hyphen",
  "061c": "Arabic letter mark",
  "200b": "zero width space",
  "200c": "zero width non-joiner",
  "200d": "zero width joiner",
  "200e": "left-to-right mark",
  "200f": "right-to-left mark",
  "202a": "left-to-right embedding",
  "202b": "right-to-left embedding",
  "202c": "end of embedding or override",
  "202d": "left-to-right override",
  "202e": "right-to-left override",
  2060: "word joiner",
  2066: "left-to-right isolate",
  2067: "right-to-left isolate",
  2068: "first strong isolate",
  2069: "end of isolate",
  feff: "byte order mark",
};

/** The lines of a text, without what ends them. */
const linesOf = (text) => text.split(LINE_END);

/** Whether characters stand in a text that have to be written out. */
function hasOdd(text) {
  ODD.lastIndex = 0;
  for (let found = ODD.exec(text); found; found = ODD.exec(text)) {
    if (isOdd(found[0])) return true;
  }
  return false;
}

const isOdd = (found) => found.length === 1 || (found.length === 2 && found.codePointAt(0) > 0xffff && /\p{Cf}/u.test(found));

/** A text as nodes, in which what is odd is written out. */
function written(text) {
  if (!hasOdd(text)) return [text];
  const nodes = [];
  let at = 0;
  ODD.lastIndex = 0;
  for (const found of text.matchAll(ODD)) {
    if (!isOdd(found[0])) continue;
    nodes.push(text.slice(at, found.index), oddMark(found[0]));
    at = found.index + found[0].length;
  }
  return [...nodes, text.slice(at)];
}

function oddMark(character) {
  const number = character.codePointAt(0).toString(16).padStart(4, "0");
  const name = ODD_NAMES[number];
  const code = `U+${number.toUpperCase()}`;
  return element("span", { class: "odd", title: name ? `${code}, ${name}` : code }, code);
}

/**
 * A text as nodes: coloured by `tokens`, and with each of `wraps` in what `make` gives for it and
 * its nodes. Both are in order, do not overlap themselves, and count from the beginning of the text.
 */
function painted(text, tokens, wraps = [], make = (_, nodes) => element("mark", {}, ...nodes)) {
  const nodes = [];
  let at = 0;
  let token = 0;
  const colour = (start, end) => {
    const pieces = [];
    let from = start;
    while (token < tokens.length && tokens[token].end <= from) token += 1;
    for (let next = token; from < end; next += 1) {
      const one = tokens[next];
      if (!one || one.start >= end) {
        pieces.push(...written(text.slice(from, end)));
        break;
      }
      if (one.start > from) pieces.push(...written(text.slice(from, one.start)));
      const stop = Math.min(one.end, end);
      pieces.push(element("span", { class: one.kind }, ...written(text.slice(Math.max(one.start, from), stop))));
      from = stop;
    }
    return pieces;
  };
  for (const one of wraps) {
    if (one.start < at || one.end > text.length) continue;
    if (one.start > at) nodes.push(...colour(at, one.start));
    nodes.push(make(one, colour(one.start, one.end)));
    at = one.end;
  }
  if (at < text.length) nodes.push(...colour(at, text.length));
  return nodes;
}

/** Whether a line reads like one of a comment that began above it. */
function isProse(text) {
  if (/^\*(?: |\/|$)/.test(text)) return true;
  const words = /^(?:[-*] )?([\p{L}`'’,.()-]+) (?:[\p{L}`'’,.()-]+ ){3}/u.exec(text);
  return words !== null && !KEYWORDS.has(words[1]) && !/[;{}=]\s*$/.test(text);
}

/** A line that stands by itself, as of a hit: without its indentation, coloured, `marks` marked. */
function excerptLine(text, path, marks = []) {
  const indent = text.length - text.trimStart().length;
  const shown = text.slice(indent, indent + SHOWN).trimEnd();
  const moved = marks
    .map(({ start, end }) => ({ start: Math.max(start - indent, 0), end: Math.min(end - indent, shown.length) }))
    .filter(({ start, end }) => end > start);
  const { tokens } = isProse(shown) ? { tokens: [{ start: 0, end: shown.length, kind: "comment" }] } : lexLine(shown, LINE_ONE, dialectOf(path));
  return element("code", { class: "excerpt" }, ...painted(shown, tokens, moved));
}
