// The search's field: when it asks, and how filters come into it.

const search = { typed: null, timer: null, question: null, shown: null, pages: null };
const SEARCH_PAUSE = 250;
// Each filter ends where a blank or the text does: there is one way to read a query, however long.
const FILTER_ONLY = /^\s*(?:-?(?:repo|path|lang):\S*(?:\s+|$))*$/;

function wireSearch() {
  const field = byId("q");
  field.addEventListener("input", (event) => {
    clearTimeout(search.timer);
    if (!event.isComposing) search.timer = setTimeout(searchNow, SEARCH_PAUSE);
  });
  byId("search").addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(search.timer);
    searchNow();
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" && !byId("results").hidden) {
      event.preventDefault();
      byId("hits").querySelector("a.hit")?.focus();
    } else if (event.key === "Escape") {
      (field.value ? field : byId("content")).focus();
      if (field.value) field.select();
      if (byId("results").hidden) field.blur();
    }
  });
  byId("hits").addEventListener("keydown", (event) => {
    const by = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 }[event.key];
    if (!by || event.ctrlKey || event.metaKey || event.altKey) return;
    const hits = [...byId("hits").querySelectorAll("a.hit")];
    const at = hits.indexOf(document.activeElement);
    event.preventDefault();
    event.stopPropagation();
    if (at === 0 && by < 0) field.focus();
    else hits[at + by]?.focus();
  });
  byId("grammar-open").addEventListener("click", () => byId("grammar").showModal());
}

/** Puts the cursor into the field; in a repository an empty one begins with it. */
function focusSearch() {
  const field = byId("q");
  if (field.value === "" && opened && !byId("reader").hidden && /^[\w.@/-]+$/.test(opened.place.repository)) {
    field.value = `repo:${opened.place.repository} `;
  }
  field.focus();
  const { length } = field.value;
  if (FILTER_ONLY.test(field.value)) field.setSelectionRange(length, length);
  else field.select();
}

/** Goes to what the field says, which asks if it is something new. */
function searchNow() {
  const q = byId("q").value;
  search.typed = q;
  const now = placeOf(location.hash);
  if (now.view !== "search") {
    if (FILTER_ONLY.test(q)) return;
    goTo({ view: "search", q, ref: null });
  } else if (now.q !== q) {
    replacePlace({ ...now, q });
    openSearch({ ...now, q });
  }
}

/** Opens the results of a query. */
async function openSearch(place, { top = null } = {}) {
  const { q, ref } = place;
  const field = byId("q");
  // What is being typed goes on while its beginning is looked for.
  if (field.value !== q && search.typed !== q) field.value = q;
  setTitle(q.trim() ? q : "Search");
  if (search.shown === `${ref} ${q.trim()}` && byId("hits").firstChild) return scrollResults(top);
  search.question?.abort();
  byId("results").removeAttribute("aria-busy");
  search.shown = `${ref} ${q.trim()}`;
  byId("search-trouble").replaceChildren();
  if (FILTER_ONLY.test(q)) return showNoQuery();
  search.question = new AbortController();
  const { signal } = search.question;
  const pages = new Pages("search", { q: q.trim(), ref }, (answer) => answer.results);
  search.pages = pages;
  byId("results").setAttribute("aria-busy", "true");
  const box = byId("search-trouble");
  const done = await attempt(box, async () => {
    await pages.next({ signal });
    if (search.pages !== pages) return;
    showResults(pages, q);
    scrollResults(top);
  }, { again: () => ((search.shown = null), openSearch(place)), told: (refusal) => wrongPlace(refusal, q) });
  if (search.pages !== pages) return;
  byId("results").removeAttribute("aria-busy");
  if (!done && !signal.aborted) showNothing();
}

const scrollResults = (top) => {
  if (top !== null) byId("results").scrollTop = top;
};

/** Where a query cannot be read: the query with that place marked, and a way back to it. */
function wrongPlace(refusal, q) {
  const detail = refusal.details.find((one) => one.position !== undefined);
  if (!detail) return [];
  const begin = q.length - q.trimStart().length;
  // Positions count characters, and texts here count units of two bytes.
  const characters = [...q.trim()];
  const start = begin + characters.slice(0, detail.position).join("").length;
  const end = start + Math.max(1, characters.slice(detail.position, detail.position + detail.length).join("").length);
  const select = () => {
    byId("q").focus();
    byId("q").setSelectionRange(start, Math.min(end, q.length));
  };
  return [
    element("pre", { class: "wrong-query" }, element("code", {}, ...marked(q, [{ start, end: Math.min(end, q.length) }]))),
    element("button", { type: "button", class: "small", on: { click: select } }, "Mark it in the field"),
  ];
}

/** Adds a filter to the query, or takes it out where it stands already. */
function toggleFilter(filter) {
  const field = byId("q");
  const parts = field.value.split(/\s+/).filter(Boolean);
  const without = parts.filter((part) => part !== filter);
  field.value = (without.length === parts.length ? [...parts, filter] : without).join(" ");
  searchNow();
}
