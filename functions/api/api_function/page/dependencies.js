// What the open file imports, and what imports it.

let dependenciesOf = null;

function clearDependencies() {
  dependenciesOf = null;
  byId("dependencies").replaceChildren();
}

async function showDependencies(mine) {
  if (dependenciesOf === mine) return;
  dependenciesOf = mine;
  const box = byId("dependencies");
  box.replaceChildren(waiting());
  await attempt(box, async () => {
    const question = { ...asking(mine), direction: "both", depth: 1 };
    const told = await api.ask("dependencies", question, { signal: mine.leaving.signal });
    if (mine !== opened) return;
    const { place } = mine;
    const imports = told.imports.map((one) => importRow(one, place));
    const dependents = (told.dependents?.files ?? []).map((one) =>
      element("li", {}, link(targetOf({ ...one, line: null }, place), { class: "hit path" }, element("span", {}, ...pathLabel(one.path)), one.in_cycle ? cycleMark() : null)),
    );
    box.replaceChildren(
      element("p", {}, link(byId("to-graph").getAttribute("href"), {}, "Show as a graph"), " ", told.in_cycle ? cycleMark() : null),
      element("h4", {}, `Imports ${number(imports.length)}${told.truncated ? "+" : ""}`),
      listOr(imports, "It imports nothing."),
      element("h4", {}, `Imported by ${number(dependents.length)}${told.dependents?.truncated ? "+" : ""}`),
      listOr(dependents, "No indexed file imports it."),
    );
  }, { again: () => ((dependenciesOf = null), showDependencies(mine)) });
}

const listOr = (rows, otherwise) => (rows.length ? element("ul", { class: "rows" }, ...rows) : element("p", { class: "quiet" }, otherwise));

const cycleMark = () => element("span", { class: "badge failed", title: "Imports lead from it back to itself" }, "cycle");

/** One import: to a file, to a package, or nowhere for a reason. */
function importRow(one, place) {
  const line = link(fileAt(place.repository, place.path, { ref: place.ref, line: one.line }), { class: "site", title: "Where it is imported" }, String(one.line));
  const name = element("code", {}, ...written(one.specifier));
  if (one.path !== null) {
    const target = targetOf({ repository: one.repository ?? null, path: one.path, line: null }, place);
    return element("li", {}, link(target, { class: "hit", title: printable(one.path) }, name), line);
  }
  const why = one.package !== null && one.reason !== "builtin" ? "package" : (REASONS[one.reason] ?? "leads nowhere");
  const wrong = one.package === null && !["builtin", "not_code"].includes(one.reason);
  return element("li", {}, element("span", { class: "hit" }, name, " ", element("span", { class: wrong ? "wrong" : "quiet" }, why)), line);
}
