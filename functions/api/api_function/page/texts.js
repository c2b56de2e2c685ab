// How things of a repository are told. Their names, paths and texts are hostile: each is made printable.

/** Short marks of kinds of definitions, and the class that colours them. */
const KINDS = {
  function: ["ƒ", "call"],
  method: ["m", "call"],
  getter: ["g", "call"],
  setter: ["s", "call"],
  constructor: ["c", "call"],
  class: ["C", "type"],
  interface: ["I", "type"],
  type: ["T", "type"],
  enum: ["E", "type"],
  enum_member: ["e", "value"],
  namespace: ["N", "type"],
  module: ["M", "type"],
  variable: ["v", "plain"],
  constant: ["k", "value"],
  property: ["p", "property"],
};

/** What uses do, as words. */
const USES = {
  read: "read",
  write: "written",
  call: "called",
  new: "made",
  type: "as a type",
  extends: "extended",
  implements: "implemented",
  jsx: "as an element",
  decorator: "as a decorator",
  import: "imported",
  export: "exported",
};

/** Why a name or an import leads nowhere. */
const REASONS = {
  external: "It comes from a package that is not part of this repository.",
  undeclared: "Nothing in the repository declares it: it is a global, or belongs to the runtime.",
  unknown_receiver: "The type of the value it belongs to is not known.",
  unresolved_module: "The module that it is imported from was not found.",
  not_exported: "The module that it is imported from does not export it.",
  ambiguous: "It may mean several things.",
  heuristic: "Probably: it was found by its name.",
  external_package: "a package from outside",
  builtin: "part of the runtime",
  file_not_found: "no such file",
  alias_target_missing: "the alias leads to no file",
  workspace_entry_missing: "the package of this workspace has no such entry",
  not_code: "a file of the repository that is no code",
  not_static: "known only when it runs",
  outside_repository: "outside the repository",
  malformed: "not a module's name",
  not_indexed: "not indexed",
};

/** The mark of a kind, read out as the word that it stands for. */
function kindMark(kind) {
  const [letter, colour] = KINDS[kind] ?? ["·", "plain"];
  return element(
    "span",
    { class: `kind ${colour}`, title: kindName(kind) },
    element("span", { "aria-hidden": "true" }, letter),
    element("span", { class: "unseen" }, `${kindName(kind)} `),
  );
}

const kindName = (kind) => (kind ?? "name").replaceAll("_", " ");

/** The beginning of a commit's id. */
const shortCommit = (id) => id.slice(0, 7);

/** The last part of a path, and what stands before it with its slash. */
function nameAndFolder(path) {
  const at = path.lastIndexOf("/") + 1;
  return [path.slice(at), path.slice(0, at)];
}

/** A path whose last part stands out. */
function pathLabel(path) {
  const [name, folder] = nameAndFolder(path);
  return [element("span", { class: "folder" }, printable(folder)), element("span", { class: "name" }, printable(name))];
}

/** A text in which pieces are marked; a piece is its start and end. */
function marked(text, pieces) {
  const children = [];
  let at = 0;
  for (const { start, end } of pieces) {
    if (start < at || end > text.length) continue;
    children.push(printable(text.slice(at, start)), element("mark", {}, printable(text.slice(start, end))));
    at = end;
  }
  return [...children, printable(text.slice(at))];
}

/** Entries by what `key` gives of each, in the order in which it first came. */
function grouped(entries, key) {
  const groups = new Map();
  for (const one of entries) {
    const found = groups.get(key(one));
    if (found) found.push(one);
    else groups.set(key(one), [one]);
  }
  return groups;
}

/** A button that loads more of a list; it is busy until `load` is done. */
function moreButton(load, text = "More") {
  const button = element("button", { type: "button", class: "small more" }, text);
  button.addEventListener("click", async () => {
    button.disabled = true;
    await load();
    button.disabled = false;
  });
  return button;
}

/** Pieces between which a dot stands. */
const dotted = (...pieces) =>
  element("span", { class: "dotted" }, ...pieces.filter((one) => one !== null && one !== "").map((one) => element("span", {}, one)));
