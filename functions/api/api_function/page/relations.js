// Who calls a symbol, what it calls, and what it extends and is extended by.

const showCallers = (box, symbol, place) =>
  showCalls(box, "callers", { of: symbol, nothing: "No call of it was found.", more: "More callers" }, (one) => callerRow(one, symbol, place));

/** Those of the symbol itself and of what stands in it: callbacks, say, or the methods of a class. */
const showCallees = (box, symbol, place) =>
  showCalls(box, "callees", { of: symbol, asked: { nested: true }, nothing: "It calls nothing.", more: "More calls" }, (one) => calleeRow(one, symbol, place));

async function showCalls(box, name, { of, asked = {}, nothing, more }, row) {
  const pages = new Pages(`symbols/${of.id}/${name}`, asked, (answer) => answer[name]);
  await pages.next();
  if (pages.all.length === 0) {
    box.replaceChildren(element("p", { class: "quiet" }, nothing));
    return;
  }
  const list = element("ul", { class: `rows calls ${name}` });
  const rest = element("div", {});
  const render = (rows) => {
    list.append(...rows.map(row));
    rest.replaceChildren(...(pages.more ? [moreButton(() => attempt(rest, async () => render(await pages.next())), more)] : []));
  };
  render(pages.all.slice());
  box.replaceChildren(list, rest);
}

function callerRow(one, symbol, place) {
  const at = (line) => targetOf({ repository: symbol.repository, path: one.path, line }, place);
  const who = one.symbol
    ? [kindMark(one.symbol.kind), " ", printable(one.symbol.name)]
    : [element("span", { class: "quiet" }, "at the top of the module")];
  return element("li", {},
    link(at(one.line ?? one.sites[0].line), { class: "hit" }, ...who),
    element("span", { class: "sites" }, element("span", { class: "quiet path" }, ...pathLabel(one.path)), " ", ...siteLinks(one, at)));
}

function calleeRow(one, symbol, place) {
  const at = (line) => targetOf({ repository: symbol.repository, path: symbol.path, line }, place);
  const name = one.symbol ? [kindMark(one.symbol.kind), " ", printable(one.symbol.name)] : [printable(one.name)];
  const { resolution } = one.sites[0];
  const from = one.path ? pathLabel(one.path) : [printable(one.imported?.package ?? resolution.replaceAll("_", " "))];
  const target = one.path ? targetOf({ repository: symbol.repository, path: one.path, line: one.line }, place) : null;
  return element("li", {},
    target ? link(target, { class: "hit" }, ...name) : element("span", { class: "hit quiet", title: REASONS[resolution] ?? "" }, ...name),
    element("span", { class: "sites" }, element("span", { class: "quiet" }, one.calls === 1 ? "line " : "lines "), ...siteLinks(one, at), element("span", { class: "quiet path" }, "→ ", ...from)));
}

function siteLinks(one, at) {
  const rest = one.calls - one.sites.length;
  return [
    ...one.sites.flatMap((site) => [link(at(site.line), { class: "site" }, String(site.line)), " "]),
    rest > 0 ? element("span", { class: "quiet" }, `and ${number(rest)} more `) : null,
  ];
}

async function showHierarchy(box, symbol, place) {
  const told = await api.ask("hierarchy", { symbol_id: symbol.id });
  const parts = [
    ...relationList("Above", told.supertypes, symbol, place),
    ...relationList("Below", told.subtypes, symbol, place),
  ];
  if (parts.length === 0) parts.push(element("p", { class: "quiet" }, "It extends nothing, and nothing extends it."));
  box.replaceChildren(...parts);
}

function relationList(title, told, symbol, place) {
  if (!told || told.relations.length === 0) return [];
  const rows = told.relations.map((one) => {
    const where = one.type ?? one;
    const name = one.type?.symbol ? [kindMark(one.type.symbol.kind), " ", printable(one.type.symbol.name)] : [printable(one.name)];
    const href = targetOf({ repository: symbol.repository, path: where.path, line: where.line }, place);
    const row = element("li", {},
      link(href, { class: "hit" }, ...name, element("span", { class: "quiet" }, ` ${one.kind}${one.type ? "" : ", not indexed"}`)),
      element("span", { class: "sites quiet path" }, ...pathLabel(where.path)));
    row.style.setProperty("--depth", one.depth - 1);
    return row;
  });
  return [
    element("h4", {}, title),
    element("ul", { class: "rows nested" }, ...rows),
    told.truncated ? element("p", { class: "quiet" }, "There are more; only the first are told.") : null,
  ].filter(Boolean);
}
