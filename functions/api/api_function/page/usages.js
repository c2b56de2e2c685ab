// Where a symbol is used, by file, with the lines where there is room for asking.

/** So many files have their lines loaded by themselves. */
const FILES_WITH_LINES = 6;
/** So many are open at first. */
const FILES_OPEN = 12;
/** Lines of one file are asked for at once, as far as they are not further apart. */
const WIDEST = 20_000;
/** So many characters of a line may stand before a use without hiding it. */
const BEFORE_USE = 24;

async function showUsages(box, symbol, place) {
  const pages = new Pages(`symbols/${symbol.id}/references`, {}, (answer) => answer.references);
  await pages.next();
  const list = element("div", { class: "usages" });
  const render = async (rows) => {
    for (const [key, entries] of grouped(rows, (one) => `${one.repository}\n${one.path}`)) {
      const known = [...list.children].find((child) => child.key === key);
      if (known) known.addEntries(entries);
      else list.append(usageGroup(key, entries, place, list.childElementCount));
    }
  };
  if (pages.all.length === 0) {
    box.replaceChildren(element("p", { class: "quiet" }, "Nothing that is indexed uses it."));
    return;
  }
  await render(pages.all);
  const more = element("div", {});
  const offer = () =>
    more.replaceChildren(...(pages.more ? [moreButton(() => attempt(more, async () => {
      await render(await pages.next());
      offer();
    }), "More usages")] : []));
  offer();
  box.replaceChildren(list, more);
}

/** The usages in one file. The file's lines are loaded when it is opened, the first ones at once. */
function usageGroup(key, entries, place, before) {
  const { path, repository, ref } = entries[0];
  const own = repository === place.repository;
  const here = own && path === opened?.place.path;
  const elsewhere = own ? [] : [element("span", { class: "repository quiet" }, printable(repository)), " › "];
  const rows = element("ul", { class: "rows" });
  const count = element("span", { class: "count" });
  let byItself = here || before < FILES_OPEN;
  const group = element("details", { class: "group", open: byItself },
    element("summary", { title: printable(own ? path : `${repository}: ${path}`) }, ...elsewhere, ...pathLabel(path), count), rows);
  group.key = key;
  group.all = [];
  const target = (line) => targetOf({ repository, path, line }, place);
  group.addEntries = (more) => {
    group.all.push(...more);
    setText(count, number(group.all.length));
    rows.append(...more.map((one) => usageRow(one, target(one.line))));
    if (group.open) group.load();
  };
  group.load = (may = before < FILES_WITH_LINES) => loadLines(group, { repository, path, ref, here, may });
  group.addEventListener("toggle", () => {
    // The first event of one that is made open tells just that.
    if (group.open && !byItself) group.load(true);
    byItself = false;
  });
  group.addEntries(entries);
  return group;
}

function usageRow(one, href) {
  const text = element("span", { class: "what" }, USES[one.kind] ?? one.kind, one.enclosing ? ` in ${printable(one.enclosing.name)}` : "");
  const row = element("li", {}, link(href, { class: "hit" }, element("span", { class: "no" }, String(one.line)), text));
  row.usage = one;
  row.text = text;
  return row;
}

/** Puts the lines of the text beside usages that show none yet. */
async function loadLines(group, { repository, path, ref, here, may }) {
  const rows = [...group.querySelectorAll("li")].filter((row) => !row.filled);
  if (rows.length === 0) return;
  if (here && opened?.sheet) return fillLines(rows, path, (line) => opened.sheet.lines[line - 1]);
  const numbers = rows.map((row) => row.usage.line);
  const [first, last] = [Math.min(...numbers), Math.max(...numbers)];
  const query = { repository, path, ref, lines: `${first}-${Math.min(last, first + WIDEST)}` };
  if (!api.keeps("file", query) && !(may && api.canSpare)) return;
  try {
    const told = await api.ask("file", query);
    const lines = linesOf(told.text);
    fillLines(rows, path, (line) => lines[line - told.start_line]);
  } catch (error) {
    // Their places are told; only their lines are not.
    if (!(error instanceof Refusal)) throw error;
  }
}

function fillLines(rows, path, lineAt) {
  for (const row of rows) {
    const line = lineAt(row.usage.line);
    if (line === undefined) continue;
    const { text, marks, cut: isCut } = aroundUse(line, row.usage);
    row.filled = true;
    setAttribute(row.firstElementChild, "title", row.text.textContent);
    row.text.replaceChildren(...(isCut ? ["… "] : []), excerptLine(text, path, marks));
  }
}

/** As much of a line that its use can be seen in a narrow panel, and where it stands in that. */
function aroundUse(line, { column, name }) {
  const indent = line.length - line.trimStart().length;
  const from = column - indent > BEFORE_USE ? column - BEFORE_USE / 2 : indent;
  const text = line.slice(from, from + SHOWN);
  const marks = line.startsWith(name, column) ? [{ start: column - from, end: column - from + name.length }] : [];
  return { text, marks, cut: from > indent };
}
