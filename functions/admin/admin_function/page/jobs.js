// Everybody's jobs, page by page.

/** Which part of the list is shown: its filters, and the cursors of the pages that led here. */
class JobsView {
  status = "";
  repository = null;
  tenant = null;
  cursors = [];
  next = null;

  get query() {
    return {
      status: this.status,
      repository_id: this.repository?.id ?? null,
      tenant_id: this.tenant?.id ?? null,
      cursor: this.cursors.at(-1) ?? null,
      limit: 25,
    };
  }

  filter(changed) {
    Object.assign(this, changed);
    this.cursors = [];
  }

  older() {
    if (this.next) this.cursors.push(this.next);
  }

  newer() {
    this.cursors.pop();
  }

  newest() {
    this.cursors = [];
  }
}

const JOB_COLUMNS = [
  ["Repository"],
  ["Ref"],
  ["Status"],
  ["Tenant", "word"],
  ["Asked for", "time"],
  ["Took", "time"],
  ["Error", "word"],
];

function showJobs(page, view, { open, changed }) {
  view.next = page.next_cursor;
  show(byId("jobs"), page.jobs.length > 0);
  show(byId("no-jobs"), page.jobs.length === 0);
  reconcile(byId("jobs").tBodies[0], page.jobs, {
    key: (job) => job.id,
    create: (job) => jobRow(job, open),
    update: updateJob,
    fallback: byId("jobs-title"),
  });
  byId("newest").disabled = byId("newer").disabled = view.cursors.length === 0;
  byId("older").disabled = view.next === null;
  showFilters(view, changed);
}

function jobRow(job, open) {
  const row = tableRow(JOB_COLUMNS);
  row.children[0].append(
    element("button", { type: "button", class: "link", on: { click: () => open(job.id) } }),
  );
  return row;
}

function updateJob(row, job) {
  const [repository, ref, status, tenant, asked, took, error] = row.children;
  setText(repository.firstChild, job.repository);
  setText(ref, refName(job.ref));
  if (status.textContent !== job.status) fill(status, badge(job.status));
  setText(tenant, tenantName(job));
  setAttribute(tenant, "title", job.tenant);
  if (asked.firstChild?.dateTime !== job.created_at) fill(asked, ago(job.created_at));
  showTook(took, job);
  setText(error, job.error_code ?? "");
  setAttribute(error, "title", job.error_message);
}

function showTook(cell, job) {
  if (job.started_at === null) return setText(cell, "");
  if (job.completed_at !== null) return setText(cell, between(job.started_at, job.completed_at));
  if (job.status !== "processing") return setText(cell, "");
  if (cell.firstChild?.dateTime !== job.started_at) fill(cell, since(job.started_at));
}

function showFilters(view, changed) {
  const filters = [
    ["repository", view.repository],
    ["tenant", view.tenant],
  ].filter(([, chosen]) => chosen !== null);
  reconcile(byId("job-filters"), filters, {
    key: ([name, chosen]) => `${name} ${chosen.id}`,
    create: ([name, chosen]) =>
      element("li", {},
        element("button", {
          type: "button",
          class: "small",
          "aria-label": `Show other jobs than those of ${chosen.name} too`,
          on: { click: () => changed({ [name]: null }) },
        }, `${chosen.name} ✕`)),
    update: () => {},
    fallback: byId("job-status"),
  });
}
