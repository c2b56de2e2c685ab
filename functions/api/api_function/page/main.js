// Who may see the page, where in it a person is, and what its buttons and keys do.

const WIDE = "(min-width: 64rem)";
const VIEWS = { home: "home", search: "results", file: "reader", graph: "graph" };

// Going about --------------------------------------------------------------------------------

/** Goes to a place, as by a link. */
function goTo(place) {
  const fragment = fragmentOf(place);
  if (fragment === location.hash) openPlace();
  else location.hash = fragment;
}

/** Writes where a person is into the address, without a step to go back by. */
function replacePlace(place) {
  history.replaceState(history.state, "", fragmentOf(place));
}

let scrollTimer = null;

/** Remembers how far a view was scrolled, for the way back to it. */
function keepScroll(top) {
  clearTimeout(scrollTimer);
  scrollTimer = setTimeout(() => history.replaceState({ top }, ""), 150);
}

/** Shows what the address says. */
async function openPlace() {
  clearTimeout(scrollTimer);
  if (!api.isOpen) return;
  const place = placeOf(location.hash);
  const top = history.state?.top ?? null;
  for (const [view, id] of Object.entries(VIEWS)) show(byId(id), view === place.view);
  closeDrawers();
  show(byId("notice"), false);
  const here = byId(VIEWS[place.view]).contains(document.activeElement) || document.activeElement === byId("q");
  if (place.view !== "search" && document.activeElement !== byId("q")) byId("q").value = "";
  const opens = { home: openHome, search: openSearch, file: openFile, graph: openGraph }[place.view];
  const done = opens(place, { top });
  if (!here || place.view === "file") focusView(place);
  await done;
}

function focusView({ view, path }) {
  if (document.activeElement === byId("q") && view === "search") return;
  const target = { home: "home-title", search: "q", graph: "picture", file: path === "" || path?.endsWith("/") ? "listing" : "code" }[view];
  byId(target).focus({ preventScroll: true });
}

function setTitle(...parts) {
  document.title = [...parts.map(printable), "KotaDB"].join(" · ");
}

// Letting in ---------------------------------------------------------------------------------

async function unlock(event) {
  event.preventDefault();
  const field = byId("key");
  const key = field.value.trim();
  setText(byId("login-trouble"), "");
  if (!/^[\x21-\x7e]+$/.test(key)) {
    setText(byId("login-trouble"), "A key is one word of letters, digits and signs.");
    return field.focus();
  }
  const submit = event.target.querySelector("[type=submit]");
  submit.disabled = true;
  api.open(key);
  try {
    // What the first view needs tells as well whether the key is let in.
    await api.ask("repositories", { limit: 100 }, { keep: KEEP_LISTS });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    api.forget();
    setText(byId("login-trouble"), sentenceOf(error));
    field.select();
    return;
  } finally {
    submit.disabled = false;
  }
  field.value = "";
  letIn();
}

function letIn() {
  show(byId("login"), false);
  for (const id of ["search", "tools"]) show(byId(id), true);
  openPlace();
}

/** Forgets the key and everything that it showed. */
function lock(why = "") {
  api.forget();
  clearTimeout(home.timer);
  clearTimeout(search.timer);
  search.question?.abort();
  opened?.leaving.abort();
  graph.leaving.abort();
  opened = null;
  Object.assign(meaningShown, { symbol: null, followed: false });
  Object.assign(search, { shown: null, pages: null });
  Object.assign(tree, { repository: null, ref: null });
  Object.assign(graph, { place: null, told: null });
  home.jobs.clear();
  home.pages = null;
  clearOutline();
  clearDependencies();
  closeGoto();
  showNothing();
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
  for (const id of ["tree", "code", "listing", "crumbs", "commit", "panel-symbol", "picture", "graph-of", "graph-told", "ref", "file-facts", "search-trouble", "home-trouble", "code-trouble", "tree-trouble", "index-trouble", "repositories-more", "selection", "announcer"]) {
    byId(id).replaceChildren();
  }
  byId("repositories").tBodies[0].replaceChildren();
  byId("index-form").reset();
  setText(byId("notice").firstElementChild, "");
  setAttribute(byId("code"), "aria-label", "Text");
  setAttribute(byId("to-graph"), "href", "#/");
  for (const field of ["q", "goto", "repository-filter"]) byId(field).value = "";
  for (const id of [...Object.values(VIEWS), "search", "tools", "notice", "quota"]) show(byId(id), false);
  setTitle();
  show(byId("login"), true);
  setText(byId("login-trouble"), why);
  byId("key").focus();
}

// Wiring ---------------------------------------------------------------------------------------

function wire() {
  const onClick = (id, deed) => byId(id).addEventListener("click", deed);
  byId("login").addEventListener("submit", unlock);
  onClick("lock", () => lock());
  onClick("help", () => showShortcuts(KEYS));
  onClick("skip", (event) => {
    event.preventDefault();
    byId("content").focus();
  });
  onClick("show-side", toggleSide);
  onClick("show-panel", togglePanel);
  onClick("close-panel", togglePanel);
  onClick("close-side", toggleSide);
  onClick("copy-path", copyPath);
  byId("line-form").addEventListener("submit", goToLine);
  for (const wireOne of [wireDialogs, wireSearch, wireCode, wireOutline, wirePanel, wireMeaning, wireGoto, wireGraph, wireIndexing]) wireOne();
  byId("results").addEventListener("scroll", () => keepScroll(byId("results").scrollTop), { passive: true });
  byId("tree").addEventListener("click", (event) => event.target.closest("a") && closeDrawers());
  addEventListener("popstate", () => openPlace());
  hearKeys({ "?": () => showShortcuts(KEYS), ...whileOpen({
    "/": focusSearch,
    h: () => goTo({ view: "home" }),
    g: graphAndBack,
    t: inFile(goToGoto),
    l: inFile(() => byId("line").focus()),
    o: inFile(() => choosePart("outline")),
    s: inFile(() => choosePart("symbol")),
    i: inFile(() => choosePart("dependencies")),
    y: inFile(copyPath),
    "[": inFile(toggleSide),
    "]": inFile(togglePanel),
    Escape: leave,
  }) });
  setInterval(() => document.hidden || tick(api.now), 20_000);
}

/** The same deeds, undone while nobody is let in. */
function whileOpen(deeds) {
  return Object.fromEntries(Object.entries(deeds).map(([key, deed]) => [key, () => api.isOpen && deed()]));
}

wire();
const stored = Api.storedKey();
if (stored === null) {
  lock();
} else {
  api.open(stored);
  letIn();
}
