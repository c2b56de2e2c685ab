// What a name means: signature, documentation, where it is defined, and what leads on from it.

const hintForSymbol = () =>
  element("p", { class: "quiet hint" }, "Click a name in the text, or press Enter on one, to see what it means and who uses it.");

const meaningShown = { symbol: null, followed: false };

/**
 * Whoever goes on from what a name means, to a usage of it, keeps it beside the text: the id of its
 * symbol. Anybody else begins with the outline of the file.
 */
function keptMeaning({ column }) {
  const { symbol, followed } = meaningShown;
  meaningShown.followed = false;
  if (followed) return symbol;
  meaningShown.symbol = null;
  byId("panel-symbol").replaceChildren(hintForSymbol());
  if (column === null && !byId("panel-symbol").hidden) choosePanel("outline");
  return null;
}

function wireMeaning() {
  byId("panel-symbol").addEventListener("click", (event) => {
    const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey;
    if (plain && event.target.closest("a")) meaningShown.followed = true;
  });
}

/** Shows in the panel what the name at a place of the open file means. */
async function showMeaningAt(mine, line, column) {
  const panel = byId("panel-symbol");
  choosePanel("symbol");
  openPanel();
  // On a narrow screen the panel takes room from the text.
  mine.sheet.reveal(line);
  const question = { ...asking(mine), line, column };
  if (!api.keeps("hover", question)) panel.replaceChildren(waiting());
  mine.meaning = question;
  nameFound(mine);
  await attempt(panel, async () => {
    const told = await api.ask("hover", question, { signal: mine.leaving.signal });
    // Another name may have been asked for meanwhile.
    if (mine !== opened || mine.meaning !== question) return;
    showMeaning(panel, told, mine.place);
  });
}

function showMeaning(panel, hover, place) {
  const { meanings } = hover;
  const parts = [];
  if (meanings.length === 0) {
    const why = REASONS[hover.unresolved ?? hover.resolution] ?? "It leads nowhere.";
    parts.push(element("h3", { class: "meant" }, printable(hover.name)), element("p", { class: "quiet" }, sentence(why)));
  }
  for (const one of meanings) parts.push(meaningPart(one, hover, place));
  if (hover.resolution === "heuristic" && meanings.length) {
    parts.push(element("p", { class: "quiet" }, REASONS.heuristic));
  }
  const symbol = meanings.find((one) => one.symbol !== null) ?? null;
  meaningShown.symbol = symbol?.symbol.id ?? null;
  panel.replaceChildren(...parts, ...(symbol ? [leadingOn(symbol, { ...place, repository: hover.repository })] : []));
  announce(`${printable(hover.name)}: ${counted(meanings.length, "meaning")}`);
}

const sentence = (text) => `${text[0].toUpperCase()}${text.slice(1)}${text.endsWith(".") ? "" : "."}`;

function meaningPart(one, hover, place) {
  const { symbol, meaning } = one;
  const target = { repository: one.repository ?? symbol?.repository ?? hover.repository, path: one.path, line: one.line };
  const where = link(
    targetOf(target, { ...place, repository: hover.repository }),
    { class: "where", title: "Go to the definition" },
    ...pathLabel(one.path),
    `:${one.line}`,
  );
  const head = element(
    "h3",
    { class: "meant" },
    symbol ? kindMark(symbol.kind) : element("span", { class: "kind plain" }, meaning === "module" ? "M" : "v"),
    " ",
    printable(symbol?.name ?? hover.name),
    symbol?.container ? element("span", { class: "quiet in" }, ` in ${printable(symbol.container.name)}`) : null,
  );
  const traits = symbol ? [symbol.exported ? "exported" : null, ...symbol.modifiers].filter(Boolean) : [meaning];
  const text = symbol?.signature ?? one.text;
  return element(
    "section",
    { class: "meaning" },
    head,
    text ? element("pre", { class: "signature" }, signatureLine(text, one.path)) : null,
    symbol?.documentation ? documentation(symbol.documentation) : null,
    element("p", { class: "facts" }, dotted(where, ...traits.map(printable), target.repository !== hover.repository ? printable(target.repository) : null)),
  );
}

function signatureLine(text, path) {
  const nodes = [];
  let state = LINE_ONE;
  const dialect = { ...dialectOf(path), known: true };
  for (const line of linesOf(text)) {
    const read = lexLine(line, state, dialect);
    state = read.state;
    nodes.push(...painted(line, read.tokens), "\n");
  }
  return element("code", {}, ...nodes.slice(0, -1));
}

/** Documentation as it was written, its paragraphs apart and its tags marked. */
function documentation(text) {
  const node = element("div", { class: "documentation" });
  let fenced = null;
  for (const line of linesOf(text)) {
    if (/^\s*```/.test(line)) {
      fenced = fenced ? null : element("pre", {});
      if (fenced) node.append(fenced);
    } else if (fenced) {
      fenced.append(...written(line), "\n");
    } else if (line.trim() === "") {
      node.append(element("p", {}));
    } else {
      const [, tag = "", rest] = /^(@[a-zA-Z]+)?(.*)$/s.exec(line.trim());
      let last = node.lastElementChild;
      if (last?.tagName !== "P" || tag) node.append((last = element("p", {})));
      if (tag) last.append(element("b", {}, tag));
      last.append(...inlineCode(rest), " ");
    }
  }
  for (const empty of node.querySelectorAll("p:empty")) empty.remove();
  return node;
}

const inlineCode = (text) =>
  text.split("`").map((piece, at) => (at % 2 === 1 ? element("code", {}, ...written(piece)) : element("span", {}, ...written(piece))));

/** Who uses it, who calls it, what it calls and what it extends: each loaded when it is looked at. */
function leadingOn({ symbol, uses }, place) {
  const views = [["Usages", (box) => showUsages(box, symbol, place), uses]];
  if (CALLABLE.has(symbol.kind)) {
    views.push(["Callers", (box) => showCallers(box, symbol, place), null]);
    views.push(["Calls", (box) => showCallees(box, symbol, place), null]);
  }
  if (EXTENDABLE.has(symbol.kind)) views.push(["Hierarchy", (box) => showHierarchy(box, symbol, place), null]);
  const box = element("div", { class: "led" });
  const buttons = views.map(([name, view, count]) =>
    element("button", { type: "button", "aria-pressed": "false", on: { click: (event) => choose(event.currentTarget, view) } },
      count === null ? name : `${name} ${number(count)}`),
  );
  const choose = (button, view) => {
    for (const one of buttons) setAttribute(one, "aria-pressed", one === button ? "true" : "false");
    // A part of its own: the answer to what was chosen before may come after this one's.
    const shown = element("div", {}, waiting());
    box.replaceChildren(shown);
    attempt(shown, () => view(shown));
  };
  choose(buttons[0], views[0][1]);
  return element("section", { class: "leading" }, element("div", { class: "choice", role: "group", "aria-label": "What leads on from it" }, ...buttons), box);
}

const CALLABLE = new Set(["function", "method", "constructor", "class", "getter", "setter", "constant", "variable", "property"]);
const EXTENDABLE = new Set(["class", "interface", "type"]);
