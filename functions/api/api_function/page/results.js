// What a search found: by file, with what was looked for marked, and ways to narrow it.

function showResults(pages, q) {
  const { first } = pages;
  const hits = byId("hits");
  hits.replaceChildren();
  addHits(pages.all);
  showFacets(first.facets, q);
  const found = pages.all.length;
  const told = found === 0
    ? "Nothing found"
    : `${counted(found, "line")}${pages.more ? "+" : ""} · ${counted(first.files, "file")} may answer · ${counted(first.repositories, "repository", "repositories")}`;
  setText(byId("count"), told);
  announce(told);
  const notes = [];
  if (first.empty) notes.push(element("p", {}, sentence(printable(first.empty.message))));
  if (first.empty?.reason === "nothing_indexed") notes.push(link(fragmentOf({ view: "home" }), {}, "Have a repository indexed"));
  if (first.definitions_truncated) notes.push(element("p", { class: "quiet" }, "More definitions have such names than are ranked; the others come as lines of text."));
  if (first.not_searchable.length) {
    notes.push(element("p", { class: "quiet" }, `Indexed before there was a search, so index again: ${first.not_searchable.map(printable).join(", ")}`));
  }
  byId("search-notes").replaceChildren(...notes);
  offerMore(pages);
}

function offerMore(pages) {
  const box = byId("hits-more");
  const load = () => attempt(box, async () => {
    const rows = await pages.next();
    if (search.pages !== pages) return;
    addHits(rows);
    setText(byId("count"), `${counted(pages.all.length, "line")}${pages.more ? "+" : ""}`);
    offerMore(pages);
  }, { again: () => (pages.cursor === null ? load() : loadAnew(pages, load)) });
  box.replaceChildren(...(pages.more ? [moreButton(load, "More results")] : []));
}

/** After a cursor that is good no more the list begins again. */
function loadAnew(pages, load) {
  if (!/no longer kept/.test(byId("hits-more").textContent)) return load();
  api.forgetAnswers();
  search.shown = null;
  return openSearch(placeOf(location.hash));
}

function addHits(rows) {
  const hits = byId("hits");
  for (const [key, entries] of grouped(rows, (one) => `${one.repository}\n${one.path}`)) {
    const known = hits.lastElementChild?.key === key ? hits.lastElementChild : null;
    const group = known ?? hitGroup(key, entries[0]);
    if (!known) hits.append(group);
    group.list.append(...entries.toSorted((one, other) => Number(other.symbol !== null) - Number(one.symbol !== null) || one.line - other.line).map(hitRow));
  }
}

const refWhereAsked = (one) => (placeOf(location.hash).ref === null ? null : one.ref);

function hitGroup(key, one) {
  const list = element("ul", { class: "rows" });
  const ref = refWhereAsked(one);
  const group = element("li", { class: "file-group" },
    element("h3", {},
      link(fileAt(one.repository, "", { ref }), { class: "repository" }, printable(one.repository)),
      element("span", { class: "slash", "aria-hidden": "true" }, "›"),
      link(fileAt(one.repository, one.path, { ref }), { class: "path" }, ...pathLabel(one.path))),
    list);
  Object.assign(group, { key, list });
  return group;
}

function hitRow(one) {
  const marks = one.highlights
    .map(({ start, end }) => ({ start: start - one.snippet_column, end: end - one.snippet_column }))
    .filter(({ start, end }) => start >= 0 && end <= one.snippet.length);
  return element("li", { class: one.symbol ? "defines" : null },
    link(
      fileAt(one.repository, one.path, { ref: refWhereAsked(one), line: one.line }),
      { class: "hit" },
      element("span", { class: "no" }, String(one.line)),
      one.symbol ? kindMark(one.symbol.kind) : element("span", { class: "kind" }),
      one.snippet_column > 0 ? element("span", { class: "quiet" }, "… ") : null,
      excerptLine(one.snippet, one.path, marks),
    ));
}

/** What may answer by repository, language and kind; each narrows the query, or widens it again. */
function showFacets({ repositories, languages, kinds, left_out: leftOut }, q) {
  const chosen = new Set(q.split(/\s+/));
  const groups = [
    ["Repositories", repositories.filter((one) => /^\S+$/.test(one.repository)).map((one) => [printable(one.repository), one.files, `repo:${one.repository}`])],
    ["Languages", languages.map((one) => [one.language, one.files, `lang:${one.language}`])],
    ["Definitions", kinds.map((one) => [kindName(one.kind), one.definitions, `kind:${one.kind}`])],
  ].filter(([, entries]) => entries.length > 0);
  byId("facets").replaceChildren(
    ...groups.map(([title, entries]) =>
      element("section", {}, element("h3", {}, title), element("ul", {}, ...entries.slice(0, 12).map(([label, count, filter]) =>
        element("li", {}, element("button", {
          type: "button",
          class: "facet",
          "aria-pressed": chosen.has(filter) ? "true" : "false",
          title: printable(filter),
          on: { click: () => toggleFilter(filter) },
        }, element("span", { class: "label" }, label), element("span", { class: "count" }, number(count)))))))),
    ...Object.entries(leftOut).filter(([, files]) => files > 0).map(([filter, files]) =>
      element("p", { class: "quiet" }, `${counted(files, "more file")} left out by ${printable(filter)}:`)),
  );
}

function showNoQuery() {
  search.question?.abort();
  search.pages = null;
  showNothing();
  setText(byId("count"), "");
  byId("search-notes").replaceChildren(element("p", { class: "quiet" }, "Write a word, a \"text\", an /expression/ or symbol:name. "),
    element("button", { type: "button", class: "small", on: { click: () => byId("grammar").showModal() } }, "How to search"));
}

function showNothing() {
  for (const id of ["hits", "facets", "hits-more", "search-notes"]) byId(id).replaceChildren();
  setText(byId("count"), "");
}
