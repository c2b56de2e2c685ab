// The repositories: what is indexed of them, how fresh it is, and what becomes of it just now.

const home = { pages: null, jobs: new Map(), timer: null };
/** A job that runs is looked at this often, in milliseconds, and less often the longer it takes. */
const LOOK_AGAIN = 3_000;
const LOOK_AGAIN_AT_LAST = 30_000;

async function openHome() {
  setTitle("Repositories");
  await listRepositories();
}

async function listRepositories({ fresh = false } = {}) {
  if (fresh) api.forgetAnswers();
  const pages = new Pages("repositories", {}, (answer) => answer.repositories);
  const box = byId("home-trouble");
  await attempt(box, async () => {
    const [, jobs] = await Promise.all([pages.next({ keep: KEEP_LISTS }), api.ask("jobs", { limit: 100 }, { keep: KEEP_LISTS })]);
    box.replaceChildren();
    home.pages = pages;
    noteJobs(jobs.jobs);
    showRepositories();
    followJobs();
  }, { again: () => listRepositories({ fresh: true }) });
}

/** The newest job of each repository, and what was counted of each of its commits. */
function noteJobs(jobs) {
  home.jobs.clear();
  for (const job of jobs.toReversed()) {
    const known = home.jobs.get(job.repository_id) ?? { newest: null, counts: new Map() };
    known.newest = job;
    if (job.status === "completed" && job.stats) known.counts.set(job.commit_sha, job.stats);
    home.jobs.set(job.repository_id, known);
  }
}

function showRepositories() {
  const { all, more } = home.pages;
  const empty = all.length === 0;
  show(byId("nothing-indexed"), empty);
  show(byId("repositories"), !empty);
  show(byId("repository-filter"), all.length > 8);
  if (empty) byId("index-form-details").open = true;
  reconcile(byId("repositories").tBodies[0], all, {
    key: (one) => one.id,
    create: () => tableRow([["Repository"], ["Commit"], ["Indexed", "time"], ["Files", "figure"], ["Symbols", "figure"], ["State"]]),
    update: updateRepository,
    fallback: byId("home-title"),
  });
  filterRepositories();
  byId("repositories-more").replaceChildren(
    ...(more ? [moreButton(() => attempt(byId("repositories-more"), async () => {
      await home.pages.next({ keep: KEEP_LISTS });
      showRepositories();
    }), "More repositories")] : []),
  );
  tick(api.now);
}

function updateRepository(row, one) {
  const [name, commit, indexed, files, symbols, state] = row.cells;
  const { newest = null, counts = null } = home.jobs.get(one.id) ?? {};
  const main = one.snapshots.find((snapshot) => snapshot.ref === one.default_ref) ?? one.snapshots[0] ?? null;
  const stats = counts?.get(main?.commit_sha) ?? null;
  const others = one.snapshots.filter((snapshot) => snapshot !== main);
  const refOf = (snapshot) => (snapshot.ref === one.default_ref ? null : snapshot.ref);
  const label = main === null
    ? element("span", { class: "repository" }, printable(one.repository))
    : link(fileAt(one.repository, "", { ref: refOf(main) }), { class: "repository" }, printable(one.repository));
  name.replaceChildren(
    label,
    element("span", { class: "refs" },
      main ? element("span", { class: "ref" }, printable(shortRef(main.ref))) : null,
      ...others.slice(0, 5).map((snapshot) => link(fileAt(one.repository, "", { ref: snapshot.ref }), { class: "ref" }, printable(shortRef(snapshot.ref)))),
      others.length > 5 ? element("span", { class: "quiet" }, `and ${others.length - 5} more`) : null),
  );
  fill(commit, main ? element("code", { title: printable(main.commit_sha) }, shortCommit(main.commit_sha)) : "");
  fill(indexed, main ? ago(main.indexed_at) : "not yet");
  setText(files, stats ? number(stats.files_indexed ?? 0) : "");
  setText(symbols, stats ? number(stats.symbols_extracted ?? 0) : "");
  state.replaceChildren(...stateOf(newest, main?.ref ?? null));
}

/** What there is to say of the newest job; of one that ended well nothing. `shown` is the ref of the row. */
function stateOf(job, shown) {
  if (job === null || job.status === "completed" || job.status === "skipped") return [];
  if (job.status === "processing") return [jobProgress(job)];
  const parts = [badge(job.status)];
  if (job.status === "failed" || job.error_message) {
    const elsewhere = shown !== null && job.ref !== null && shortRef(job.ref) !== shortRef(shown);
    const where = elsewhere ? `${printable(shortRef(job.ref))}: ` : "";
    parts.push(" ", element("span", { class: "wrong" }, `${where}${printable(job.error_message ?? job.error_code ?? "")}`));
  }
  // One child, which on a narrow screen stands beside its label as a whole.
  return [element("span", {}, ...parts)];
}

function jobProgress(job) {
  const { files_done: done, files_total: total } = job.progress;
  const known = total !== null && total > 0;
  const what = PHASES[job.phase] ?? "starting";
  const told = known ? `${what}, ${number(done)} of ${counted(total, "file")}` : what;
  return element("span", { class: "job" },
    element("progress", { max: known ? total : null, value: known ? Math.min(done, total) : null, "aria-label": `Indexing: ${told}` }),
    element("span", { class: "quiet" }, told));
}

/** Looks again while a job waits or runs and somebody sees the list. */
function followJobs(pause = LOOK_AGAIN) {
  clearTimeout(home.timer);
  const active = [...home.jobs.values()].some(({ newest }) => ["pending", "processing"].includes(newest.status));
  if (!active || !api.isOpen) return;
  home.timer = setTimeout(async () => {
    if (document.hidden || byId("home").hidden) return followJobs(pause);
    if (api.quota && api.quota.remaining < 10) return;
    const before = activeJobs();
    const done = await attempt(byId("home-trouble"), async () => {
      const { jobs } = await api.ask("jobs", { limit: 100 }, { fresh: true });
      noteJobs(jobs);
    }, { again: () => listRepositories({ fresh: true }) });
    if (!done) return;
    if (activeJobs() === before) {
      showRepositories();
      followJobs(Math.min(pause * 1.3, LOOK_AGAIN_AT_LAST));
    } else {
      listRepositories({ fresh: true });
    }
  }, pause);
}

const activeJobs = () =>
  [...home.jobs.values()].filter(({ newest }) => ["pending", "processing"].includes(newest.status)).map(({ newest }) => newest.id).join();

function filterRepositories() {
  const wanted = byId("repository-filter").value.trim().toLowerCase();
  for (const row of byId("repositories").tBodies[0].rows) {
    const one = home.pages.all.find(({ id }) => id === row.dataset.key);
    show(row, one.repository.toLowerCase().includes(wanted));
  }
}
