// When the page asks, what it shows of the answers, and how old they are.

const EVERY_MS = 5_000;
// What costs more is asked for less often.
const FAILURES_EVERY_MS = 15_000;
const LONGEST_PAUSE_MS = 60_000;
const STALE_MS = 15_000;

const service = new Service();
const view = new JobsView();

/** What the page knows, and when it asks again. Times are this machine's, in milliseconds. */
const state = {
  queue: null,
  span: "minutes",
  opened: null,
  asking: false,
  again: false,
  tries: 0,
  timer: null,
  updatedAt: null,
  failuresAt: 0,
  retryAt: null,
};

/**
 * Asks for everything that is shown, one question after the other: few may be asked of the
 * administration at one time. Another call while it runs makes one more round.
 */
async function refresh({ all = false } = {}) {
  if (all) state.failuresAt = 0;
  if (state.asking) {
    state.again = true;
    return;
  }
  clearTimeout(state.timer);
  state.asking = true;
  try {
    do {
      state.again = false;
      await askAndShow();
    } while (state.again);
    recovered();
  } catch (error) {
    if (!service.isOpen) return;
    if (!(error instanceof Refusal)) throw error;
    if (error.shut) return lock(error.message);
    failed(error);
  } finally {
    state.asking = false;
    tickQueue(service.now);
    showFreshness();
  }
  schedule();
}

async function askAndShow() {
  const queue = await service.get("queue");
  announceChanges(state.queue, queue);
  state.queue = queue;
  showFigures(queue);
  showLeasing(queue.leasing);
  showThroughput(queue.throughput, state.span);
  showRunning((await service.get("jobs/running")).jobs, { open: openJob, cancel: cancelJob });
  if (Date.now() - state.failuresAt >= FAILURES_EVERY_MS) {
    const hours = byId("failure-hours").value;
    showFailures(await service.get("jobs/failures", { hours }), { open: openJob, retry: retryGroup });
    state.failuresAt = Date.now();
  }
  showJobs(await service.get("jobs", view.query), view, { open: openJob, changed: filterJobs });
  if (state.opened) await refreshJob(state.opened);
}

function announceChanges(before, now) {
  if (!before) return;
  const more = now.failed_24h - before.failed_24h;
  const stops = now.leasing.stopped_at !== null;
  if (stops !== (before.leasing.stopped_at !== null)) {
    announce(stops ? "Leasing is stopped." : "Jobs are leased again.");
  } else if (more > 0) {
    announce(`${counted(more, "more job")} failed.`);
  } else if (before.depth + before.running > 0 && now.depth + now.running === 0) {
    announce("The queue is empty.");
  }
}

function schedule() {
  clearTimeout(state.timer);
  state.retryAt = null;
  if (!service.isOpen || document.hidden) return;
  let pause = EVERY_MS;
  if (state.tries > 0) {
    // Pages that were open together shall not come back together.
    pause = Math.min(EVERY_MS * 2 ** (state.tries - 1), LONGEST_PAUSE_MS) * (0.8 + 0.4 * Math.random());
    pause = Math.max(pause, state.retryAfterMs ?? 0);
    state.retryAt = Date.now() + pause;
  }
  state.timer = setTimeout(refresh, pause);
  showFreshness();
}

function recovered() {
  if (state.tries > 0) announce("The service answers again.");
  state.tries = 0;
  state.updatedAt = Date.now();
  show(byId("trouble"), false);
}

function failed(error) {
  state.tries += 1;
  state.retryAfterMs = (error.retryAfter ?? 0) * 1000;
  state.trouble = error.message;
}

/** Says how old the figures are, and what is wrong when they are too old or cannot be had. */
function showFreshness() {
  if (!service.isOpen) return;
  const age = state.updatedAt === null ? null : Date.now() - state.updatedAt;
  setText(byId("freshness"), age === null ? "Loading …" : `Updated ${duration(age / 1000)} ago`);
  byId("freshness").classList.toggle("wrong", age !== null && age > STALE_MS);
  if (state.tries === 0) return;
  const wait = state.retryAt === null ? 0 : Math.max(0, state.retryAt - Date.now());
  const old = age === null ? "Nothing could be loaded." : `What is shown is ${duration(age / 1000)} old.`;
  const banner = byId("trouble");
  // The banner is an alert: it is read out when it appears, and not again each second.
  if (banner.hidden) announce(state.trouble);
  setText(banner.firstElementChild, `${state.trouble} ${old} Trying again in ${duration(wait / 1000)}.`);
  show(banner, true);
}
