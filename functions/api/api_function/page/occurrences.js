// The names in a text that lead somewhere: loading them, and going among them by mouse and keyboard.

/**
 * Asks for the names of these lines, unless they are there or on their way. One answer tells up to
 * which line it is whole, and what is beyond is asked for when it comes near.
 */
async function needNames(mine, first, last) {
  if (mine.naming) {
    mine.namesWanted = [first, last];
    return;
  }
  const from = firstUnnamed(mine, first, last);
  if (from === null) return;
  mine.naming = true;
  mine.namesWanted = null;
  const done = await attempt(byId("code-trouble"), async () => {
    const query = { ...asking(mine), lines: `${from}-` };
    const told = await api.ask("occurrences", query, { signal: mine.leaving.signal });
    if (mine !== opened) return;
    if (told.commit_sha !== mine.file.commit_sha) return landed(mine);
    mine.asked.set(from, told.end_line);
    byId("code-trouble").replaceChildren();
    mine.sheet.mark(from, told.end_line, told.occurrences);
    nameFound(mine);
  });
  // After a refusal only its button, or a scroll to elsewhere, asks again.
  mine.naming = !done && mine === opened && byId("code-trouble").firstChild !== null;
  if (mine.naming) setTimeout(() => (mine.naming = false), 5_000);
  if (done && mine === opened && mine.namesWanted) needNames(mine, ...mine.namesWanted);
}

function firstUnnamed({ asked }, first, last) {
  let line = first;
  for (const [from, to] of [...asked].sort(([a], [b]) => a - b)) {
    if (from <= line && to >= line) line = to + 1;
  }
  return line > last ? null : line;
}

/** A newer commit was indexed between two answers, which then do not belong together. */
function landed(mine) {
  api.forgetAnswers();
  if (mine.landedBefore) return;
  notice("A newer commit was indexed meanwhile; this is it.");
  const { place } = mine;
  opened = null;
  openFile(place).then(() => opened && (opened.landedBefore = true));
}

/** Marks what the place looks at, once its name is there. */
function nameFound({ place, sheet }) {
  if (place.column === null) return;
  const here = sheet.occurrences.get(place.line)?.filter(({ column, end_column: end }) => column <= place.column && place.column <= end);
  if (here?.length) sheet.markSame(here.find(({ role }) => role === "reference") ?? here[0]);
}

/** Opens what a name means; with `jump`, goes to where it is defined at once. */
function followName({ occurrence }, jump) {
  const { place } = opened;
  if (jump && occurrence.target !== null) return goTo(placeOf(targetOf(occurrence.target, place)));
  const at = { ...place, line: occurrence.line, last: null, column: occurrence.column };
  opened.place = at;
  opened.sheet.choose(at.line, at.line);
  tellSelection(at);
  opened.sheet.markSame(occurrence);
  replacePlace(at);
  showMeaningAt(opened, at.line, at.column);
}

function wireCode() {
  const code = byId("code");
  let frame = 0;
  code.addEventListener("scroll", () => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => {
      if (!opened?.sheet) return;
      opened.sheet.show();
      followScroll(lineInMind());
      keepScroll(code.scrollTop);
    });
  }, { passive: true });
  code.addEventListener("click", (event) => {
    if (!opened?.sheet) return;
    const number = event.target.closest(".no");
    const name = event.target.closest(".o");
    const rest = event.target.closest(".rest");
    if (rest) return opened.sheet.expand(Number(rest.closest(".line").dataset.line));
    if (number && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      return chooseLine(Number(number.parentElement.dataset.line), event.shiftKey);
    }
    // A selection that ends on a name does not ask for it.
    if (!name || event.button !== 0 || event.shiftKey || event.altKey) return;
    event.preventDefault();
    if (getSelection().isCollapsed) followName(name, event.ctrlKey || event.metaKey);
  });
  code.addEventListener("keydown", hearCodeKeys);
  new ResizeObserver(() => opened?.sheet?.show()).observe(code);
}

/** The line that a person looks at: the chosen one where it is in sight, else the first. */
function lineInMind() {
  const { place, sheet } = opened;
  const { scrollTop, clientHeight } = byId("code");
  const [top, bottom] = [Math.ceil(scrollTop / sheet.row) + 1, (scrollTop + clientHeight) / sheet.row];
  return place.line !== null && place.line >= top && place.line <= bottom ? place.line : top;
}

function hearCodeKeys(event) {
  if (!opened?.sheet || event.altKey) return;
  const name = event.target.closest(".o");
  const deeds = {
    ArrowRight: () => stepName(name, 1),
    ArrowLeft: () => stepName(name, -1),
    ArrowDown: name && (() => stepLine(name, 1)),
    ArrowUp: name && (() => stepLine(name, -1)),
    Enter: () => (name ? followName(name, event.ctrlKey || event.metaKey) : stepName(null, 1)),
    F12: name && (() => followName(name, true)),
    Escape: name && (() => byId("code").focus({ preventScroll: true })),
  };
  const deed = deeds[event.key];
  if (!deed) return;
  event.preventDefault();
  deed();
}

const namesInSight = () => [...opened.sheet.body.querySelectorAll(".o")];

function stepName(name, by) {
  const names = namesInSight();
  const top = opened.place.line ?? opened.sheet.topLine;
  const at = name
    ? names.indexOf(name) + by
    : names.findIndex((one) => one.occurrence.line >= Math.max(top, opened.sheet.topLine));
  focusName(names[at]);
}

function stepLine(name, by) {
  const { line, column } = name.occurrence;
  const names = namesInSight().filter((one) => (one.occurrence.line - line) * by > 0);
  if (names.length === 0) return;
  const next = (by > 0 ? names[0] : names.at(-1)).occurrence.line;
  const here = names.filter((one) => one.occurrence.line === next);
  const off = (one) => Math.abs(one.occurrence.column - column);
  focusName(here.reduce((best, one) => (off(one) < off(best) ? one : best)));
}

function focusName(name) {
  if (!name) return;
  opened.sheet.reveal(name.occurrence.line);
  name.focus({ preventScroll: true });
  name.scrollIntoView({ block: "nearest", inline: "nearest" });
}
