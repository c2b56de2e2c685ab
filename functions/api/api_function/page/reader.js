// A file: its text, what stands above it, and what is loaded of it when.

/** What is open in the reader; null: nothing is. */
let opened = null;

/** Opens a place of a file or a folder. What of it is open already stays as it is. */
async function openFile(place, { top = null } = {}) {
  const same = opened !== null && ["repository", "path", "ref"].every((name) => opened.place[name] === place[name]);
  if (same && opened.sheet) {
    opened.place = place;
    return showPlace({ top });
  }
  // What was found by its path belongs to one commit.
  if (["repository", "ref"].some((name) => opened?.place[name] !== place[name])) {
    leaveGoto();
    forgetFreshness();
  }
  opened?.leaving.abort();
  opened = { place, leaving: new AbortController(), sheet: null, file: null, asked: new Map(), commit: null };
  setTitle(place.path ? nameAndFolder(place.path.replace(/\/$/, ""))[0] : place.repository, place.repository);
  showHead(opened);
  opened.sameAs = keptMeaning(place);
  clearOutline();
  clearDependencies();
  const folder = place.path === "" || place.path.endsWith("/");
  show(byId("code"), !folder);
  show(byId("listing"), folder);
  byId("reader").classList.toggle("of-folder", folder);
  tellSelection(place);
  const mine = opened;
  if (folder) {
    byId("code").replaceChildren();
    await openFolder(mine);
  } else {
    byId("code").replaceChildren(waiting());
    byId("code").setAttribute("aria-label", `Text of ${printable(place.path)}`);
    await attempt(byId("code"), () => readFile(mine, top), { again: () => reopen(), told: waysOutOf(mine) });
  }
  if (mine === opened) showTreeBeside(place);
}

/** The text comes first; the tree is asked for where there is room for it. */
function showTreeBeside(place) {
  if (byId("side").checkVisibility()) showTree(place);
}

function reopen() {
  const { place } = opened;
  opened = null;
  return openFile(place);
}

/** Where else to go when a file cannot be shown. */
const waysOutOf = ({ place }) => (refusal) =>
  ["file_not_found", "file_not_text"].includes(refusal.code)
    ? [link(fileAt(place.repository, "", { ref: place.ref }), {}, "The files of the repository")]
    : [link(fragmentOf({ view: "home" }), {}, "All repositories")];

const asking = ({ place }) => ({ repository: place.repository, path: place.path, ref: place.ref });

async function readFile(mine, top) {
  const { signal } = mine.leaving;
  const file = await api.ask("file", asking(mine), { signal });
  if (mine !== opened) return;
  mine.file = file;
  mine.nextLine = file.next_line;
  mine.sheet = new Sheet(byId("code"), {
    path: mine.place.path,
    lineCount: file.line_count,
    hrefOf: (line, occurrence = null) => hrefIn(mine, line, occurrence),
    needs: (first, last) => needLines(mine, first, last),
  });
  showHead(mine);
  addText(mine, file);
  // What is linked to may lie in a part that is still to come.
  while (mine.nextLine !== null && (mine.place.line ?? 0) >= mine.nextLine) await readMore(mine);
  if (mine !== opened) return;
  showPlace({ top });
  showOutline(mine);
  showSiblingPanels(mine);
  showFreshness(mine);
}

function addText({ sheet }, { text, truncated, end_line: end, line_count: count }) {
  const lines = linesOf(text);
  // A part that ends before the file ends with the end of its last line.
  if (truncated || end < count) lines.pop();
  if (lines.length === 0) lines.push(text);
  tellOdd(text);
  sheet.add(lines);
}

/** Says once that a file holds what is written out, so that nobody takes the marks for its text. */
function tellOdd(text) {
  if (hasOdd(text)) show(byId("odd-told"), true);
}

async function readMore(mine) {
  const part = await api.ask("file", { ...asking(mine), lines: `${mine.nextLine}-` }, { signal: mine.leaving.signal });
  if (mine !== opened) return;
  mine.nextLine = part.next_line;
  addText(mine, part);
}

/** Reads the next part, and those after it as far as they are looked at. */
async function readOn(mine) {
  const box = byId("code-trouble");
  mine.reading = true;
  const again = () => {
    box.replaceChildren();
    readOn(mine);
  };
  const done = await attempt(box, () => readMore(mine), { again });
  mine.reading = !done;
  if (done && mine === opened) mine.sheet.show();
}

/** Called whenever lines come near to be seen: loads their text and their names, once each. */
function needLines(mine, first, last) {
  // Until its place is shown, nobody has seen any of it.
  if (mine !== opened || !mine.shown) return;
  if (mine.nextLine !== null && last >= mine.nextLine && !mine.reading) readOn(mine);
  needNames(mine, Math.min(first, mine.sheet.lines.length), Math.min(last, mine.sheet.lines.length));
}

/** Where a name of the text leads when it is opened in another tab, or followed at once. */
function hrefIn({ place }, line, occurrence) {
  if (occurrence === null) return fileAt(place.repository, place.path, { ref: place.ref, line });
  return occurrence.target === null
    ? fileAt(place.repository, place.path, { ref: place.ref, line, column: occurrence.column })
    : targetOf(occurrence.target, place);
}

/** The fragment of a target, which may lie in another repository than the one it is told for. */
const targetOf = ({ repository = null, path, line }, place) =>
  repository === null || repository === place.repository
    ? fileAt(place.repository, path, { ref: place.ref, line })
    : fileAt(repository, path, { line });

/** Shows the lines of the place, and what it looks at. */
function showPlace({ top = null } = {}) {
  const { place, sheet } = opened;
  opened.shown = true;
  sheet.choose(place.line ?? 0, place.last ?? place.line ?? 0);
  tellSelection(place);
  if (top !== null) byId("code").scrollTop = top;
  else if (place.line !== null) sheet.reveal(Math.min(place.line, sheet.lineCount));
  sheet.show();
  followScroll(lineInMind());
  if (place.column === null) sheet.markSame(opened.sameAs);
  else showMeaningAt(opened, place.line, place.column);
}

/** What stands above a file: where it is, of which commit, and what else there is of it. */
function showHead({ place, file }) {
  show(byId("odd-told"), false);
  byId("code-trouble").replaceChildren();
  const { repository, ref } = place;
  const parts = place.path.replace(/\/$/, "").split("/").filter((part) => part !== "");
  const crumbs = [link(fileAt(repository, "", { ref }), { class: "repository" }, printable(repository))];
  for (const [at, part] of parts.entries()) {
    const last = at === parts.length - 1;
    const path = parts.slice(0, at + 1).join("/");
    crumbs.push(
      element("span", { class: "slash", "aria-hidden": "true" }, "/"),
      last
        ? element("span", { class: "here", "aria-current": "page" }, printable(part))
        : link(fileAt(repository, `${path}/`, { ref }), {}, printable(part)),
    );
  }
  byId("crumbs").replaceChildren(...crumbs);
  setText(byId("file-facts"), file ? `${counted(file.line_count, "line")} · ${file.language ?? "text"}` : "");
  const folder = place.path === "" || place.path.endsWith("/");
  show(byId("file-tools"), folder || Boolean(file));
  setAttribute(byId("to-graph"), "href", fragmentOf({ view: "graph", repository, path: folder ? "" : place.path, ref }));
}

/** Which commit it is, how old, and the other refs: told once the text is there. */
async function showFreshness(mine) {
  const { file, place } = mine;
  byId("commit").replaceChildren(element("code", { title: printable(file.commit_sha) }, shortCommit(file.commit_sha)));
  try {
    const told = await api.ask(`repositories/${file.repository_id}`, {}, { signal: mine.leaving.signal });
    if (mine !== opened) return;
    const snapshot = told.snapshots.find((one) => one.ref === file.ref);
    if (snapshot) byId("commit").append(" ", ago(snapshot.indexed_at));
    tick(api.now);
    showRefs(told.snapshots, file.ref, (chosen) => goTo({ ...place, line: null, last: null, column: null, ref: chosen }));
  } catch (error) {
    // The text is there; how old it is can be seen on the page of repositories.
    if (!(error instanceof Refusal)) throw error;
  }
}

/** What is told of one commit is untrue of the next, and nothing may come that takes its place. */
function forgetFreshness() {
  byId("commit").replaceChildren();
  show(byId("ref"), false);
}

/** Which of the refs that are indexed is shown, to choose another. */
function showRefs(snapshots, current, choose) {
  const field = byId("ref");
  field.replaceChildren(
    ...snapshots.map(({ ref }) => element("option", { value: ref, selected: ref === current }, printable(shortRef(ref)))),
  );
  field.value = current;
  field.onchange = () => choose(field.value);
  show(field, snapshots.length > 0);
}

const shortRef = (ref) => ref.replace(/^refs\/(heads|tags)\//, "");

/** The files of a folder, where a folder is opened instead of a file. */
async function openFolder(mine) {
  const { place } = mine;
  await attempt(byId("listing"), async () => {
    await listFolder(byId("listing"), place, place.path.replace(/\/$/, ""), { signal: mine.leaving.signal });
  }, { again: () => reopen(), told: waysOutOf(mine) });
}

/** Chooses a line, or with `extend` those from the one that was chosen. */
function chooseLine(line, extend) {
  const { place } = opened;
  const from = extend && place.line !== null ? place.line : line;
  const [first, last] = [Math.min(from, line), Math.max(from, line)];
  opened.place = { ...place, line: first, last: last === first ? null : last, column: null };
  opened.sheet.choose(first, last);
  tellSelection(opened.place);
  replacePlace(opened.place);
}

function tellSelection({ line = null, last = null }) {
  setText(byId("selection"), line === null ? "" : last === null ? `Line ${line}` : `Lines ${line}–${last}`);
}
