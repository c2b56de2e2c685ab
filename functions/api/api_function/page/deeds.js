// What keys and buttons of the reader do.

const KEYS = [
  ["/", "search"],
  ["t", "go to a file of the repository"],
  ["l", "go to a line of the file"],
  ["o, s, i", "outline, what the name means, imports"],
  ["← → ↑ ↓", "among the names of the text; among results"],
  ["Enter", "what the name means"],
  ["Ctrl Enter, F12", "its definition (with the mouse: Ctrl click)"],
  ["g", "the graph of the file, and back"],
  ["y", "copy the path"],
  ["h", "repositories"],
  ["[, ]", "files, panel: show or hide"],
  ["Esc", "close what is open"],
  ["?", "this list"],
];

const inFile = (deed) => () => !byId("reader").hidden && opened && deed();

function openPanel() {
  byId("reader").classList.add("with-panel");
  byId("reader").classList.remove("without-panel");
}

function closeDrawers() {
  byId("reader").classList.remove("with-side", "with-panel");
}

function togglePanel() {
  const { classList } = byId("reader");
  if (window.matchMedia(WIDE).matches) classList.toggle("without-panel");
  else if (!classList.toggle("with-panel")) byId("code").focus();
  if (opened) showSiblingPanels(opened);
}

function toggleSide() {
  const { classList } = byId("reader");
  if (window.matchMedia(WIDE).matches) classList.toggle("without-side");
  else classList.toggle("with-side");
  if (opened && byId("side").checkVisibility()) showTree(opened.place);
}

function goToGoto() {
  if (!byId("side").checkVisibility()) toggleSide();
  byId("goto").focus();
}

function choosePart(name) {
  openPanel();
  choosePanel(name);
  (name === "outline" ? byId("outline-filter") : byId(`tab-${name}`)).focus();
}

function goToLine(event) {
  event.preventDefault();
  const line = byId("line").valueAsNumber;
  if (!(line >= 1)) return;
  goTo({ ...opened.place, line: Math.min(line, opened.file.line_count), last: null, column: null });
  byId("code").focus({ preventScroll: true });
}

async function copyPath() {
  try {
    await navigator.clipboard.writeText(opened.place.path);
    notice("The path is copied.");
  } catch {
    notice(`The browser lets no page copy here. The path is ${printable(opened.place.path)}`);
  }
}

function graphAndBack() {
  const place = placeOf(location.hash);
  if (place.view === "graph") goTo({ view: "file", repository: place.repository, path: place.path, ref: place.ref });
  else if (place.view === "file") byId("to-graph").click();
}

function leave() {
  if (byId("reader").matches(".with-panel, .with-side") && !window.matchMedia(WIDE).matches) {
    closeDrawers();
    byId("code").focus();
  }
}
