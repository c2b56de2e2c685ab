// What can be done from the page, and the dialog of one job.

/** Does something that may be refused, tells what came of it, and looks again. */
async function attempt(deed) {
  try {
    const done = await deed();
    if (done?.told) notice(done.told);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (!service.isOpen) return;
    if (error.shut) return lock(error.message);
    notice(error.message);
  }
  await refresh({ all: true });
}

const retryGroup = (errorCode) => attempt(() => retryMany(service, errorCode));

function cancelJob(job) {
  return attempt(async () => {
    const agreed = await ask({
      title: "Cancel the job?",
      told: [
        element("p", {}, `${job.repository}, ${refName(job.ref)}`),
        element("p", {}, "It ends at once. What its run did so far is discarded."),
      ],
      yes: "Cancel the job",
      act: () => service.delete(`jobs/${job.id}`),
    });
    return agreed ? { told: `The job of ${job.repository} is cancelled.` } : null;
  });
}

function retryJob(job) {
  return attempt(async () => {
    await service.post(`jobs/${job.id}/retry`);
    return { told: `The job of ${job.repository} waits again.` };
  });
}

function turnLeasing() {
  const { paused } = state.queue.leasing;
  return attempt(async () => {
    if (paused) return service.post("queue/resume");
    await ask({
      title: "Pause leasing?",
      told: [
        element("p", {}, "No worker takes a new job until somebody resumes. Running jobs go on, " +
          "accepted ones wait, and that time does not count against them."),
      ],
      yes: "Pause",
      act: () => service.post("queue/pause"),
    });
    return null;
  });
}

async function setPriority(event) {
  event.preventDefault();
  const id = state.opened;
  const priority = byId("priority").valueAsNumber;
  setText(byId("job-trouble"), "");
  try {
    await service.post(`jobs/${id}/priority`, { priority });
    announce(`The priority is ${number(priority)}.`);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (error.shut) return lock(error.message);
    setText(byId("job-trouble"), error.message);
  }
  await refresh();
}

function filterJobs(changed) {
  view.filter(changed);
  refresh();
}

// One job --------------------------------------------------------------------------------------

async function openJob(id) {
  const dialog = byId("job");
  setText(byId("job-title"), "Job");
  setText(byId("job-trouble"), "");
  byId("job-facts").replaceChildren();
  byId("job-actions").replaceChildren();
  show(byId("job-priority"), false);
  showAttempts([]);
  state.opened = id;
  history.replaceState(null, "", `#job=${id}`);
  if (!dialog.open) dialog.showModal();
  byId("job-title").focus();
  try {
    await refreshJob(id);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (error.shut) lock(error.message);
    else setText(byId("job-trouble"), error.message);
  }
  tickQueue(service.now);
}

async function refreshJob(id) {
  let job;
  try {
    job = await service.get(`jobs/${id}`);
  } catch (error) {
    if (error.status !== 404) throw error;
    if (state.opened === id) setText(byId("job-trouble"), error.message);
    return;
  }
  // Another may have been opened, or this one closed, while the answer was on its way.
  if (state.opened !== id) return;
  showJob(job, {
    retry: retryJob,
    cancel: cancelJob,
    ofRepository: () => leaveFor({ repository: { id: job.repository_id, name: job.repository } }),
    ofTenant: () => leaveFor({ tenant: { id: job.tenant_id, name: tenantName(job) } }),
  });
}

function leaveFor(filter) {
  byId("job").close();
  filterJobs(filter);
  goTo("jobs-title");
}

function goTo(id) {
  byId(id).focus();
  byId(id).scrollIntoView({ block: "start" });
}
