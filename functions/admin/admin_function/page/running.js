// The jobs that run.

/** `open` is called with the id of a job to look at, `cancel` with the job to end. */
function showRunning(jobs, { open, cancel }) {
  show(byId("nothing-runs"), jobs.length === 0);
  reconcile(byId("running"), jobs, {
    key: (job) => job.job_id,
    create: (job) => runningItem(job, { open, cancel }),
    update: updateRunning,
    fallback: byId("running-title"),
  });
}

function runningItem(job, { open, cancel }) {
  return element(
    "li",
    {},
    element(
      "div",
      { class: "title" },
      element("button", { type: "button", class: "link", on: { click: () => open(job.job_id) } }),
      element("span", { class: "ref" }),
      element("button", {
        type: "button",
        class: "small",
        "aria-label": `Cancel the job of ${job.repository}`,
        on: { click: () => cancel({ ...job, id: job.job_id }) },
      }, "Cancel"),
    ),
    element("progress"),
    element("p", { class: "quiet told" }),
  );
}

function updateRunning(item, job) {
  const [title, bar, told] = item.children;
  setText(title.children[0], job.repository);
  setText(title.children[1], refName(job.ref));
  const known = job.files_total !== null && job.files_total > 0;
  setAttribute(bar, "max", known ? job.files_total : null);
  setAttribute(bar, "value", known ? Math.min(job.files_done, job.files_total) : null);
  const what = PHASES[job.phase] ?? "starting";
  const files = known ? `, ${number(job.files_done)} of ${counted(job.files_total, "file")}` : "";
  setAttribute(bar, "aria-label", `${job.repository}: ${what}${files}`);
  const parts = [
    [what + files],
    [`run ${number(job.attempt)}`],
    ["for ", since(job.leased_at)],
    [element("span", { "data-until": Date.parse(job.lease_expires_at) })],
    [tenantName(job)],
    ["worker ", element("code", { title: job.worker }, short(job.worker ?? "unknown"))],
  ];
  told.replaceChildren(...parts.map((content) => element("span", {}, ...content)));
}

const since = (text) => element("time", { datetime: text, title: moment(text), "data-since": Date.parse(text) });
