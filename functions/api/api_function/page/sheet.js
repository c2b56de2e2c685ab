// The text of a file, of which only what is near to be seen is made into elements.

const BLOCK = 100;
// Files up to this long are made as a whole, bit by bit, so that the browser's own search finds all.
const WHOLE = 3_000;
/** So many blocks on each side of what is seen are made before they are. */
const AHEAD = 2;

class Sheet {
  /**
   * `scroller` scrolls and is filled; `lineCount` is of the whole file; `hrefOf` gives a line's
   * fragment; `needs` is called with the first and last line (from 1) that come near to be seen.
   */
  constructor(scroller, { path, lineCount, hrefOf, needs }) {
    Object.assign(this, { scroller, path, lineCount, hrefOf, needs });
    this.dialect = dialectOf(path);
    this.lines = [];
    // How each line begins, as far as that was needed.
    this.states = [LINE_ONE];
    this.occurrences = new Map();
    this.expanded = new Map();
    this.chosen = [0, 0];
    this.sameAs = null;
    this.blocks = Array.from({ length: Math.ceil(lineCount / BLOCK) }, (_, at) => this.#emptyBlock(at));
    this.body = element("div", { class: "sheet" }, ...this.blocks);
    scroller.replaceChildren(this.body);
    this.row = this.#measure();
    for (const [at, block] of this.blocks.entries()) block.style.height = `${this.#linesIn(at) * this.row}px`;
    setWidth(this.body, "--digits", String(lineCount).length);
  }

  #emptyBlock() {
    return element("div", { class: "block" });
  }

  #measure() {
    const probe = element("div", { class: "line" }, "x");
    this.body.prepend(probe);
    const height = probe.getBoundingClientRect().height || 20;
    probe.remove();
    return height;
  }

  #linesIn(block) {
    return Math.min(BLOCK, this.lineCount - block * BLOCK);
  }

  /** More lines of the text, after those that are there. */
  add(lines) {
    const first = this.lines.length;
    this.lines.push(...lines);
    let longest = this.longest ?? 0;
    for (const line of lines) longest = Math.max(longest, Math.min(line.length + 3 * countTabs(line), SHOWN + 40));
    this.longest = longest;
    setWidth(this.body, "--longest", longest);
    for (let block = Math.floor(first / BLOCK); block < this.blocks.length; block += 1) this.#empty(block);
    this.show();
    if (this.lineCount <= WHOLE) this.#makeAll();
  }

  /** Names that lead somewhere, of whole lines; those of the same lines are replaced. */
  mark(first, last, occurrences) {
    for (let line = first; line <= last; line += 1) this.occurrences.delete(line);
    for (const one of occurrences) {
      const here = this.occurrences.get(one.line);
      if (here) here.push(one);
      else this.occurrences.set(one.line, [one]);
    }
    for (const line of this.occurrences.keys()) {
      if (line >= first && line <= last) this.#again(line);
    }
  }

  /** Makes what is near to be seen, and forgets what is far where the file is long. */
  show() {
    const height = BLOCK * this.row;
    const top = Math.floor(this.scroller.scrollTop / height);
    const end = Math.floor((this.scroller.scrollTop + this.scroller.clientHeight) / height);
    const [first, last] = [Math.max(0, top - AHEAD), Math.min(this.blocks.length - 1, end + AHEAD)];
    for (let block = first; block <= last; block += 1) this.#make(block);
    if (this.lineCount > WHOLE) {
      for (let block = 0; block < this.blocks.length; block += 1) {
        if ((block < first - 10 || block > last + 10) && this.blocks[block].firstChild) this.#empty(block);
      }
    }
    this.needs(Math.max(0, top - 1) * BLOCK + 1, Math.min(this.lineCount, (end + 2) * BLOCK));
  }

  #makeAll(block = 0) {
    if (block >= this.blocks.length || !this.body.isConnected) return;
    this.#make(block);
    requestIdleCallback(() => this.#makeAll(block + 1), { timeout: 500 });
  }

  #empty(block) {
    // What has the focus stays.
    if (this.blocks[block].contains(document.activeElement)) return;
    this.blocks[block].replaceChildren();
  }

  #make(block) {
    if (this.blocks[block].firstChild || block * BLOCK >= this.lines.length) return;
    const end = Math.min((block + 1) * BLOCK, this.lines.length);
    const rows = [];
    for (let line = block * BLOCK + 1; line <= end; line += 1) rows.push(this.#rowOf(line));
    this.blocks[block].replaceChildren(...rows);
  }

  #stateOf(line) {
    while (this.states.length < line) {
      const text = this.lines[this.states.length - 1];
      this.states.push(lexLine(text, this.states.at(-1), this.dialect).state);
    }
    return this.states[line - 1];
  }

  #rowOf(line) {
    const number = element("a", { class: "no", href: this.hrefOf(line), tabindex: "-1", "aria-label": `Line ${line}` }, String(line));
    const row = element("div", { class: "line" }, number, element("code", { class: "text" }, ...this.#nodesOf(line)));
    row.dataset.line = line;
    this.#paintRow(row, line);
    return row;
  }

  #nodesOf(line) {
    const text = this.lines[line - 1];
    const room = this.expanded.get(line) ?? SHOWN;
    const shown = text.length > room ? text.slice(0, room) : text;
    const { tokens } = lexLine(shown, this.#stateOf(line), this.dialect);
    const names = namesIn(shown, this.occurrences.get(line) ?? []);
    const nodes = painted(shown, tokens, names, (one, inner) => this.#nameOf(one, inner));
    if (text.length <= room) return nodes;
    const more = element("button", { type: "button", class: "small rest" }, `… ${counted(text.length - room, "more character")}`);
    return [...nodes, more];
  }

  #nameOf({ occurrence }, nodes) {
    const colour = colourOf(occurrence);
    const name = element("a", { class: colour ? `o ${colour}` : "o", tabindex: "-1", href: this.hrefOf(occurrence.line, occurrence) }, ...nodes);
    name.occurrence = occurrence;
    if (this.sameAs !== null && sameKey(occurrence) === this.sameAs) name.classList.add("same");
    return name;
  }

  /** Shows all of a long line, or more of it. */
  expand(line) {
    this.expanded.set(line, (this.expanded.get(line) ?? SHOWN) + SHOWN_MORE);
    this.#again(line);
  }

  #again(line) {
    const row = this.rowOf(line);
    if (row) row.lastElementChild.replaceChildren(...this.#nodesOf(line));
  }

  /** The element of a line; null: it is not made. */
  rowOf(line) {
    const block = this.blocks[Math.floor((line - 1) / BLOCK)];
    return block?.children[(line - 1) % BLOCK] ?? null;
  }

  #paintRow(row, line) {
    row.classList.toggle("chosen", line >= this.chosen[0] && line <= this.chosen[1]);
  }

  #eachRow(deed) {
    for (const block of this.blocks) {
      for (const row of block.children) deed(row, Number(row.dataset.line));
    }
  }

  /** Marks these lines as the ones that are meant; 0: none. */
  choose(first, last) {
    this.chosen = [first, last];
    this.#eachRow((row, line) => this.#paintRow(row, line));
  }

  /** Marks everything that means the same as an occurrence, or as a symbol by its id; null: nothing. */
  markSame(occurrence) {
    // A symbol that is looked at is known by its id alone.
    this.sameAs = typeof occurrence === "string" || occurrence === null ? occurrence : sameKey(occurrence);
    for (const name of this.body.querySelectorAll(".o")) {
      name.classList.toggle("same", this.sameAs !== null && sameKey(name.occurrence) === this.sameAs);
    }
  }

  /** Scrolls a line to a third of the height, unless it is well in sight. */
  reveal(line) {
    const top = (line - 1) * this.row;
    const { scrollTop, clientHeight } = this.scroller;
    if (top < scrollTop + this.row || top > scrollTop + clientHeight - 3 * this.row) {
      this.scroller.scrollTop = Math.max(0, top - clientHeight / 3);
    }
    this.show();
  }

  /** The first line that is in sight. */
  get topLine() {
    return Math.min(this.lineCount, Math.floor(this.scroller.scrollTop / this.row) + 1);
  }
}

const setWidth = (node, name, value) => node.style.setProperty(name, value);
const countTabs = (text) => text.split("\t", 200).length - 1;

/** What tells whether two occurrences mean the same thing. */
function sameKey({ symbol_id: symbol, target, name }) {
  if (symbol !== null) return symbol;
  return target === null ? null : `${target.path}\n${target.line}\n${name}`;
}

/** The occurrences that can be seen in a line and lead somewhere, as pieces of its text. */
function namesIn(text, occurrences) {
  const names = [];
  let at = 0;
  for (const occurrence of occurrences) {
    const { column: start, end_column: end, role } = occurrence;
    const leads = occurrence.target !== null || occurrence.symbol_id !== null || occurrence.elsewhere;
    if (!leads || end > text.length) continue;
    const here = role === "import" ? text.slice(start + 1, end - 1) : text.slice(start, end);
    if (here !== occurrence.name) continue;
    // Of what stands at one place, its use comes first.
    if (names.length && names.at(-1).start === start) {
      if (role === "reference") names[names.length - 1] = { start, end, occurrence };
    } else if (start >= at) {
      names.push({ start, end, occurrence });
      at = end;
    }
  }
  return names;
}

function colourOf({ role, kind }) {
  if (role === "import") return "";
  if (role === "definition") return `defined ${KINDS[kind]?.[1] ?? ""}`;
  return { call: "call", new: "type", type: "type", extends: "type", implements: "type" }[kind] ?? "";
}
