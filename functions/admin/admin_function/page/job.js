// One job: its facts, every attempt at it, and what can be done to it.

/** Shows a job in its dialog. `act` holds what can be done: retry, cancel and filter by its owner. */
function showJob(job, act) {
  setText(byId("job-title"), `${job.repository}, ${refName(job.ref)}`);
  showFacts(job);
  showPriority(job);
  showAttempts(job.attempts);
  const actions = [
    ["retry", "Retry", job.status === "failed"],
    ["cancel", "Cancel the job", job.status === "pending" || job.status === "processing"],
    ["ofRepository", "Jobs of this repository", true],
    ["ofTenant", "Jobs of this tenant", true],
  ].filter(([, , possible]) => possible);
  reconcile(byId("job-actions"), actions, {
    key: ([name]) => name,
    create: ([name, told]) => element("button", { type: "button" }, told),
    // The job may have changed since the button was made.
    update: (button, [name]) => { button.onclick = () => act[name](job); },
    fallback: byId("job-title"),
  });
}

/** Only a job that waits has a place to change; a number that is being written stays. */
function showPriority(job) {
  const form = byId("job-priority");
  const field = byId("priority");
  const waits = ["ready", "waiting", "delayed"].includes(job.queue_state);
  if (waits && (form.hidden || document.activeElement !== field)) field.value = String(job.priority);
  if (!waits && form.contains(document.activeElement)) byId("job-title").focus();
  show(form, waits);
}

function showFacts(job) {
  const error = job.error_code === null ? null : `${job.error_code}: ${job.error_message ?? ""}`;
  const facts = [
    ["Status", badge(job.status)],
    ["In the queue", QUEUE_STATES[job.queue_state] ?? null],
    ["Error", error],
    ["Phase", job.phase === null ? null : phaseTold(job)],
    ["Commit", job.commit_sha],
    ["Asked for", moment(job.created_at)],
    ["Started", moment(job.started_at)],
    ["Ended", moment(job.completed_at)],
    ["Next run", moment(job.next_attempt_at)],
    ["Retries", `${number(job.retry_count)}, at most ${number(job.max_retries)} a round`],
    ["Files indexed", job.stats?.files_indexed === undefined ? null : number(job.stats.files_indexed)],
    ["Job", job.id],
    ["Repository", job.repository_id],
    ["Tenant", `${tenantName(job)}, ${job.tenant_id}`],
    ["Request", job.request_id],
  ].filter(([, value]) => value !== null && value !== "");
  reconcile(byId("job-facts"), facts, {
    key: ([name]) => name,
    create: ([name]) => element("div", {}, element("dt", {}, name), element("dd")),
    update: (node, [, value]) => {
      const told = node.children[1];
      if (typeof value === "string") setText(told, value);
      else if (told.textContent !== value.textContent) told.replaceChildren(value);
    },
  });
}

function phaseTold(job) {
  const files = job.files_total === null ? "" : `, ${number(job.files_done)} of ${counted(job.files_total, "file")}`;
  return PHASES[job.phase] + files;
}

function showAttempts(attempts) {
  show(byId("attempts"), attempts.length > 0);
  show(byId("no-attempts"), attempts.length === 0);
  reconcile(byId("attempts").tBodies[0], [...attempts].reverse(), {
    key: (one) => String(one.attempt),
    create: () => tableRow([["Run"], ["Outcome"], ["Leased", "time"], ["Took", "time"], ["Error"], ["Worker", "word"]]),
    update: (row, one) => {
      const [run, outcome, leased, took, error, worker] = row.children;
      setText(run, one.round > 1 ? `${number(one.attempt)} (round ${number(one.round)})` : number(one.attempt));
      const word = one.outcome ?? "running";
      if (outcome.textContent !== word) fill(outcome, badge(word));
      setText(leased, moment(one.leased_at));
      if (one.ended_at !== null) setText(took, between(one.leased_at, one.ended_at));
      else if (took.firstChild?.dateTime !== one.leased_at) fill(took, since(one.leased_at));
      setText(error, one.error_code === null ? "" : `${one.error_code}: ${one.error_message ?? ""}`);
      setText(worker, one.worker);
      setAttribute(worker, "title", one.worker);
    },
  });
}
