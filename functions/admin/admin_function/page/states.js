// What the states of jobs and leases mean, and whose jobs are.

// What a row's state in the queue means for a job that waits.
const QUEUE_STATES = {
  ready: "ready: a worker may take it",
  waiting: "waiting: its ref runs, or its tenant has its share",
  delayed: "delayed: its time has not come",
};

const TENANTS = new Map();

/** Whose a job is. A list tells the name, one job only the id, so names are kept. */
function tenantName({ tenant_id: id, tenant = null }) {
  if (tenant !== null) TENANTS.set(id, tenant);
  return TENANTS.get(id) ?? `tenant ${short(id)}`;
}

/** Brings what changes with time up to date: relative times, and how long leases last. */
function tickQueue(now) {
  tick(now);
  for (const node of document.querySelectorAll("[data-until]")) {
    const left = (Number(node.dataset.until) - now) / 1000;
    setText(node, left >= 0 ? `lease ends in ${duration(left)}` : `lease lost ${duration(-left)} ago`);
    node.classList.toggle("wrong", left < 0);
  }
  for (const node of document.querySelectorAll("[data-since]")) {
    setText(node, duration((now - Number(node.dataset.since)) / 1000));
  }
}
