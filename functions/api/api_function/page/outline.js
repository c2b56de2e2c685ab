// What a file defines, nested, beside its text: it follows the scroll and can be filtered.

const outline = { pages: null, of: null, entries: [] };

function clearOutline() {
  Object.assign(outline, { pages: null, of: null, entries: [] });
  byId("outline").replaceChildren();
  byId("outline-filter").value = "";
  byId("outline-more").replaceChildren();
}

/** Loads the outline of what is open, where it is shown. */
async function showOutline(mine) {
  if (outline.of === mine || !isPanelShown("outline")) return;
  outline.of = mine;
  outline.pages = new Pages("outline", asking(mine), (answer) => answer.symbols);
  byId("outline").replaceChildren(element("li", {}, waiting()));
  await moreOutline(mine);
}

async function moreOutline(mine) {
  const trouble = byId("outline-more");
  const done = await attempt(trouble, async () => {
    await outline.pages.next({ signal: mine.leaving.signal });
    if (mine !== opened) return;
    trouble.replaceChildren(...(outline.pages.more ? [moreButton(() => moreOutline(mine), "More definitions")] : []));
    listOutline(mine);
  }, { again: () => moreOutline(mine) });
  if (!done && outline.entries.length === 0) byId("outline").replaceChildren();
}

function listOutline(mine) {
  outline.entries = outline.pages.all.map((symbol) => ({ symbol, item: outlineItem(symbol, mine.place) }));
  byId("outline").replaceChildren(
    ...(outline.entries.length ? outline.entries.map(({ item }) => item) : [element("li", { class: "quiet" }, "The file defines nothing.")]),
  );
  filterOutline();
  followScroll(mine.sheet ? lineInMind() : 1);
}

function outlineItem(symbol, place) {
  const { line, depth } = symbol;
  const item = element(
    "li",
    {},
    link(
      fileAt(place.repository, place.path, { ref: place.ref, line }),
      { title: symbol.signature === null ? null : printable(symbol.signature.slice(0, 300)) },
      kindMark(symbol.kind),
      element("span", { class: symbol.exported ? "name exported" : "name" }, printable(symbol.name)),
      element("span", { class: "line-no", "aria-hidden": "true" }, String(line)),
    ),
  );
  item.style.setProperty("--depth", Math.min(depth, 8));
  return item;
}

function filterOutline() {
  const wanted = byId("outline-filter").value.trim().toLowerCase();
  let shown = 0;
  for (const { symbol, item } of outline.entries) {
    const fits = symbol.name.toLowerCase().includes(wanted);
    show(item, fits);
    shown += fits ? 1 : 0;
  }
  if (wanted) announce(counted(shown, "definition"));
}

/** Marks the definition that the first line in sight belongs to. */
function followScroll(line) {
  if (outline.entries.length === 0) return;
  let current = null;
  for (const entry of outline.entries) {
    const { start_line: start, end_line: end } = entry.symbol.range;
    if (start <= line && line <= end) current = entry;
  }
  current ??= outline.entries.findLast(({ symbol }) => symbol.line <= line) ?? null;
  if (outline.current === current) return;
  outline.current?.item.firstElementChild.removeAttribute("aria-current");
  outline.current = current;
  if (!current) return;
  current.item.firstElementChild.setAttribute("aria-current", "location");
  const list = byId("outline").parentElement;
  const [top, bottom] = [current.item.offsetTop - list.offsetTop, current.item.offsetTop - list.offsetTop + current.item.offsetHeight];
  if (top < list.scrollTop || bottom > list.scrollTop + list.clientHeight) list.scrollTop = top - list.clientHeight / 2;
}

function wireOutline() {
  const filter = byId("outline-filter");
  filter.addEventListener("input", filterOutline);
  filter.addEventListener("keydown", (event) => {
    if (event.key === "Enter") outline.entries.find(({ item }) => !item.hidden)?.item.firstElementChild.click();
    if (event.key === "Escape" && filter.value) {
      event.stopPropagation();
      filter.value = "";
      filterOutline();
    }
  });
  stepByArrows(byId("panel-outline"), "#outline a");
}

/** Up and down go among the links of a list, from the field above it too. */
function stepByArrows(area, selector) {
  area.addEventListener("keydown", (event) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!by || event.target.tagName === "SELECT") return;
    const links = [...area.querySelectorAll(selector)].filter((one) => one.checkVisibility());
    const at = links.indexOf(document.activeElement);
    const next = at < 0 && by < 0 ? null : links[at + by];
    const field = at === 0 && by < 0 ? area.querySelector("input[type=search]") : null;
    if (!next && !field) return;
    event.preventDefault();
    (next ?? field).focus();
  });
}

// The panel -------------------------------------------------------------------------------------

const PANELS = ["outline", "symbol", "dependencies"];

/** Shows one of the panel's parts, and loads what it needs. */
function choosePanel(name) {
  for (const one of PANELS) {
    show(byId(`panel-${one}`), one === name);
    const tab = byId(`tab-${one}`);
    setAttribute(tab, "aria-selected", one === name ? "true" : "false");
    setAttribute(tab, "tabindex", one === name ? "0" : "-1");
  }
  if (opened) showSiblingPanels(opened);
}

/** Loads what the chosen part of the panel shows of what is open. */
function showSiblingPanels(mine) {
  if (!mine.file) return;
  if (isPanelShown("outline")) showOutline(mine);
  if (isPanelShown("dependencies")) showDependencies(mine);
}

const isPanelShown = (name) => byId("panel").checkVisibility() && !byId(`panel-${name}`).hidden;

function wirePanel() {
  for (const name of PANELS) {
    byId(`tab-${name}`).addEventListener("click", () => choosePanel(name));
    byId(`tab-${name}`).addEventListener("keydown", (event) => {
      const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!by) return;
      const next = PANELS[(PANELS.indexOf(name) + by + PANELS.length) % PANELS.length];
      choosePanel(next);
      byId(`tab-${next}`).focus();
    });
  }
}
