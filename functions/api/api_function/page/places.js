// Where a person is: the address's fragment, which is all that a link, a reload or a step back needs.

/**
 * A place is one of
 *   { view: "home" }
 *   { view: "search", q, ref }
 *   { view: "file", repository, path, ref, line, last, column }   a folder where path ends with /
 *   { view: "graph", repository, path, ref, direction, depth }
 * What is not given is null. With a column it is a name that is looked at.
 */
function placeOf(fragment) {
  const [path, , query] = cut(fragment.replace(/^#/, ""), "?");
  const asked = new URLSearchParams(query);
  const parts = path.split("/").filter((part, at) => at > 0 || part !== "");
  const ref = asked.get("ref") || null;
  if (parts[0] === "search") return { view: "search", q: asked.get("q") ?? "", ref };
  const view = parts[0] === "r" ? "file" : parts[0] === "g" ? "graph" : null;
  const between = parts.indexOf("-", 1);
  if (!view || between < 2) return { view: "home" };
  const place = {
    view,
    repository: parts.slice(1, between).map(unescaped).join("/"),
    path: parts.slice(between + 1).map(unescaped).join("/"),
    ref,
  };
  if (view === "graph") {
    return { ...place, direction: asked.get("direction") || null, depth: counting(asked.get("depth")) };
  }
  const [, line = null, last = null] = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(asked.get("line") ?? "") ?? [];
  return { ...place, line: counting(line), last: counting(last), column: counting(asked.get("column")) };
}

/** The fragment of a place, with its # in front. Nothing but this makes the page's links. */
function fragmentOf({ view, ...place }) {
  if (view === "home") return "#/";
  if (view === "search") return `#/search${queryOf({ q: place.q, ref: place.ref })}`;
  const where = `${escaped(place.repository)}/-/${escaped(place.path ?? "")}`;
  if (view === "graph") {
    return `#/g/${where}${queryOf({ ref: place.ref, direction: place.direction, depth: place.depth })}`;
  }
  const { line = null, last = null, column = null } = place;
  const lines = line === null || last === null || last === line ? line : `${line}-${last}`;
  return `#/r/${where}${queryOf({ ref: place.ref, line: lines, column })}`;
}

/** The place of a line of a file; `ref` is that of the answer that told of it. */
const fileAt = (repository, path, { ref = null, line = null, column = null, last = null } = {}) =>
  fragmentOf({ view: "file", repository, path, ref, line, last, column });

/** A link to a place; its text is put in as it is, so it has to be printable. */
const link = (fragment, attributes, ...children) => element("a", { href: fragment, ...attributes }, ...children);

function queryOf(asked) {
  const given = Object.entries(asked).filter(([, value]) => value !== null && value !== undefined && value !== "");
  return given.length ? `?${new URLSearchParams(given)}` : "";
}

// A part that is - would end the repository's name.
const escaped = (path) =>
  path.split("/").map((part) => (part === "-" ? "%2D" : encodeURIComponent(wellFormed(part)))).join("/");

function unescaped(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

// Half a surrogate pair cannot be written into an address.
const wellFormed = (text) => text.toWellFormed();

function counting(text) {
  const value = text === null ? NaN : Number(text);
  return Number.isInteger(value) && value >= 0 ? value : null;
}

/** A text before, at and after the first place of a mark; all of it is before where there is none. */
function cut(text, mark) {
  const at = text.indexOf(mark);
  return at < 0 ? [text, "", ""] : [text.slice(0, at), mark, text.slice(at + mark.length)];
}
