// What failed, by error, and queueing it again.

// More than this the service queues in no single request.
const MOST_RETRIES = 500;
const MOST_SHOWN = 20;

function showFailures(found, { open, retry }) {
  show(byId("failures"), found.groups.length > 0);
  show(byId("nothing-failed"), found.groups.length === 0);
  show(byId("failures-cut"), !found.complete);
  reconcile(byId("failures").tBodies[0], found.groups, {
    key: (group) => group.error_code,
    create: (group) => failureRow(group, { open, retry }),
    update: updateFailure,
    fallback: byId("failures-title"),
  });
}

function failureRow(group, { open, retry }) {
  const row = tableRow([["Error"], ["Jobs"], ["Last", "time"], ["Last message"], ["Actions"]]);
  const [code, , , message, actions] = row.children;
  code.append(element("code", {}, group.error_code));
  message.append(
    element("div", {}, element("span"), " ", element("button", {
      type: "button",
      class: "link",
      on: { click: () => open(row.dataset.lastJob) },
    }, "latest job")),
  );
  actions.append(
    element("button", {
      type: "button",
      class: "small",
      "aria-label": `Retry the jobs that failed with ${group.error_code}`,
      on: { click: () => retry(group.error_code) },
    }, "Retry …"),
  );
  return row;
}

function updateFailure(row, group) {
  const [, jobs, last, message] = row.children;
  row.dataset.lastJob = group.last_job_id;
  const of = group.repositories === 1 ? "1 repository" : `${number(group.repositories)} repositories`;
  setText(jobs, `${number(group.jobs)} in ${of}`);
  if (last.firstChild?.dateTime !== group.last_failed_at) fill(last, ago(group.last_failed_at));
  setText(message.firstChild.firstChild, group.last_message);
}

/**
 * Asks which jobs a retry means, shows them, and queues them once that is confirmed: as many as
 * were shown, the longest failed first, so that what fails meanwhile is not queued unseen.
 */
async function retryMany(service, errorCode) {
  const wish = { error_code: errorCode, limit: MOST_RETRIES };
  const { meant } = await service.post("jobs/retry", { ...wish, dry_run: true });
  if (meant.length === 0) {
    return { told: `No job with ${errorCode} can be queued again: newer jobs of their refs stand.` };
  }
  let done = null;
  const agreed = await ask({
    title: `Queue ${counted(meant.length, "job")} again?`,
    told: [
      element("p", {}, "Of each ref the newest that failed with ", element("code", {}, errorCode),
        ", the longest failed first. Each gets a new round of runs."),
      meantList(meant),
      meant.length === MOST_RETRIES
        ? element("p", {}, `At most ${number(MOST_RETRIES)} go at one time; ask again for the others.`)
        : null,
    ],
    yes: `Queue ${number(meant.length)} again`,
    act: async () => {
      done = await service.post("jobs/retry", { ...wish, limit: meant.length });
    },
  });
  if (!agreed) return null;
  return { told: outcomeOf(done) };
}

function outcomeOf(done) {
  const reasons = new Map();
  for (const why of Object.values(done.passed_over)) reasons.set(why, (reasons.get(why) ?? 0) + 1);
  const left = [...reasons].map(([why, count]) => `${number(count)} left: ${why.replaceAll("_", " ")}`);
  return [`${counted(done.requeued.length, "job")} queued again`, ...left].join("; ") + ".";
}

function meantList(jobs) {
  const more = jobs.length - MOST_SHOWN;
  const told = (job) =>
    element("li", {}, `${job.repository}, ${refName(job.ref)} `, element("span", { class: "quiet" }, ago(job.failed_at)));
  return element(
    "ul",
    { class: "meant" },
    ...jobs.slice(0, MOST_SHOWN).map(told),
    more > 0 ? element("li", {}, `and ${number(more)} more`) : null,
  );
}
