// Who may see the page, and what its buttons and keys do.

const SECTIONS = ["figures-title", "throughput-title", "running-title", "failures-title", "jobs-title"];

// Letting in -----------------------------------------------------------------------------------

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
  service.open(key);
  try {
    await service.get("queue");
  } catch (error) {
    service.forget();
    setText(byId("login-trouble"), error.message);
    field.select();
    return;
  } finally {
    submit.disabled = false;
  }
  field.value = "";
  show(byId("login"), false);
  show(byId("board"), true);
  show(byId("tools"), true);
  byId("content").focus();
  await refresh({ all: true });
  const linked = /^#job=([0-9a-f-]{36})$/.exec(location.hash);
  if (linked) openJob(linked[1]);
}

/** Forgets the key and everything that it showed. */
function lock(why = "") {
  service.forget();
  clearTimeout(state.timer);
  Object.assign(state, { queue: null, opened: null, again: false, tries: 0, updatedAt: null, failuresAt: 0 });
  TENANTS.clear();
  view.filter({ status: "", repository: null, tenant: null });
  byId("job-status").value = "";
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
  for (const id of ["figures", "chart", "legend", "running", "job-facts", "job-actions", "job-filters"]) {
    byId(id).replaceChildren();
  }
  for (const id of ["chart-table", "failures", "jobs", "attempts"]) byId(id).tBodies[0].replaceChildren();
  for (const id of ["board", "tools", "trouble", "notice", "stopped", "job-priority"]) show(byId(id), false);
  show(byId("login"), true);
  setText(byId("login-trouble"), why);
  byId("key").focus();
}

// Wiring ---------------------------------------------------------------------------------------

function chooseSpan(span) {
  state.span = span;
  setAttribute(byId("by-minutes"), "aria-pressed", span === "minutes" ? "true" : "false");
  setAttribute(byId("by-hours"), "aria-pressed", span === "hours" ? "true" : "false");
  if (state.queue) showThroughput(state.queue.throughput, span);
}

function turnPage(turn) {
  turn();
  refresh();
}

function wire() {
  const onClick = (id, deed) => byId(id).addEventListener("click", deed);
  byId("login").addEventListener("submit", unlock);
  onClick("refresh", () => refresh({ all: true }));
  onClick("lock", () => lock());
  onClick("pause", turnLeasing);
  byId("job-priority").addEventListener("submit", setPriority);
  onClick("help", () => showShortcuts(SHORTCUTS));
  onClick("by-minutes", () => chooseSpan("minutes"));
  onClick("by-hours", () => chooseSpan("hours"));
  onClick("older", () => turnPage(() => view.older()));
  onClick("newer", () => turnPage(() => view.newer()));
  onClick("newest", () => turnPage(() => view.newest()));
  byId("failure-hours").addEventListener("change", () => refresh({ all: true }));
  byId("job-status").addEventListener("change", (event) => filterJobs({ status: event.target.value }));
  byId("trouble").lastElementChild.addEventListener("click", () => refresh());
  wireDialogs();
  byId("job").addEventListener("close", () => {
    state.opened = null;
    history.replaceState(null, "", location.pathname + location.search);
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) clearTimeout(state.timer);
    else if (service.isOpen) refresh();
  });
  new ResizeObserver(() => chooseSpan(state.span)).observe(byId("chart").parentElement);
  hearKeys({
    "?": () => showShortcuts(SHORTCUTS),
    ...whileOpen({
      r: () => refresh({ all: true }),
      p: () => state.queue && turnLeasing(),
      j: () => stepThroughJobs(1),
      k: () => stepThroughJobs(-1),
      s: () => byId("job-status").focus(),
      n: () => byId("older").click(),
      b: () => byId("newer").click(),
      ...Object.fromEntries(SECTIONS.map((id, place) => [String(place + 1), () => goTo(id)])),
    }),
  });
  setInterval(() => {
    if (document.hidden) return;
    tickQueue(service.now);
    showFreshness();
  }, 1000);
}

/** The same deeds, undone while nobody is let in. */
function whileOpen(deeds) {
  const guarded = ([key, deed]) => [key, () => service.isOpen && deed()];
  return Object.fromEntries(Object.entries(deeds).map(guarded));
}

wire();
lock();
