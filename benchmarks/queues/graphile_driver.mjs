// graphile-worker: without fence or archive; done jobs are deleted. Its local queue for batches.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

import { arrivals, rate, run, say, sleep, waitForGo, within } from "./steps.mjs";

const installed = createRequire(process.env.BENCH_NODE_MODULES + "/");
const library = pathToFileURL(installed.resolve("graphile-worker")).href;
const worker = await import(library);
const pg = installed("pg");

const TASK = "nothing";
const logger = new worker.Logger(() => () => {});

async function sql(args, ...statements) {
  const client = new pg.Client({ connectionString: args.url });
  await client.connect();
  const answers = [];
  for (const statement of statements) answers.push((await client.query(statement)).rows);
  await client.end();
  return answers;
}

const utils = (args) =>
  worker.makeWorkerUtils({ connectionString: args.url, maxPoolSize: 4, logger });

const running = (args, taskList, { concurrency = 1, preset, pollInterval = 2000 } = {}) =>
  worker.run({
    taskList, logger, noHandleSignals: true, crontab: "",
    ...(preset
      ? { preset: { worker: { connectionString: args.url, concurrentJobs: concurrency,
          pollInterval, maxPoolSize: 4, ...preset } } }
      : { connectionString: args.url, concurrency, pollInterval, maxPoolSize: 4 }),
  });

async function fill(added, jobs, batch) {
  for (let first = 0; first < jobs; first += batch) {
    await added.addJobs(Array.from(
      { length: Math.min(batch, jobs - first) },
      (_, number) => ({ identifier: TASK, payload: { number: first + number } }),
    ));
  }
}

async function drain(args, options) {
  const added = await utils(args);
  await fill(added, args.jobs, args.batch);
  await added.release();
  await sql(args, "VACUUM (ANALYZE) graphile_worker._private_jobs", "CHECKPOINT");
  let done = 0;
  let all;
  const finished = new Promise((resolve) => { all = resolve; });
  const started = performance.now();
  const runner = await running(args, {
    [TASK]: () => { done += 1; if (done === args.jobs) all(); },
  }, options);
  await within(args.limit_seconds, finished, null);
  await runner.stop(); // what is done has been written when it ends
  return rate(done, started);
}

await run({
  async prepare(args) {
    const added = await utils(args);
    await added.migrate();
    await added.release();
    const manifest = installed.resolve("graphile-worker").replace(/dist.*$/, "package.json");
    return { version: JSON.parse(readFileSync(manifest, "utf8")).version };
  },

  async empty(args) {
    await sql(args, "TRUNCATE graphile_worker._private_jobs");
  },

  async enqueue_one(args) {
    const added = await utils(args);
    const started = performance.now();
    for (let number = 0; number < args.jobs; number += 1) await added.addJob(TASK, { number });
    const result = rate(args.jobs, started);
    await added.release();
    return result;
  },

  async enqueue_many(args) {
    const added = await utils(args);
    const started = performance.now();
    await fill(added, args.jobs, args.batch);
    const result = rate(args.jobs, started);
    await added.release();
    return result;
  },

  drain_one: (args) => drain(args, { concurrency: 1 }),

  drain_batch: (args) => drain(args, {
    concurrency: 24,
    preset: { localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 },
  }),

  async pick_up(args) {
    const seen = arrivals();
    const runner = await running(args, { [TASK]: () => seen.note() });
    const added = await utils(args);
    await sleep(1);
    const milliseconds = [];
    for (let number = 0; number <= args.jobs; number += 1) {
      await sleep(0.2);
      const started = performance.now();
      await added.addJob(TASK, { number });
      milliseconds.push((await seen.next()) - started);
    }
    await added.release();
    await runner.stop();
    return { milliseconds: milliseconds.slice(1) };
  },

  async hold(args) {
    const added = await utils(args);
    await added.addJob(TASK, {});
    await running(args, { [TASK]: () => { say({ ready: true }); return sleep(args.limit_seconds); } });
    await sleep(args.limit_seconds);
  },

  async watch(args) {
    const seen = arrivals();
    await waitForGo();
    const runner = await running(args, { [TASK]: () => seen.note() }, { pollInterval: 250 });
    const arrived = await within(
      args.limit_seconds, seen.next().then(() => Date.now() / 1000), null,
    );
    await runner.stop();
    return { arrived };
  },

  // Its own hand for a worker that is gone: forceUnlockWorkers. The first handler is still at work.
  async stale(args) {
    const releases = [];
    const seen = arrivals();
    const handler = () => { seen.note(); return new Promise((done) => releases.push(done)); };
    const added = await utils(args);
    await added.addJob(TASK, {});
    const first = await running(args, { [TASK]: handler });
    await seen.next();
    const [[{ locked_by: lock }]] = await sql(
      args, "SELECT locked_by FROM graphile_worker._private_jobs",
    );
    await added.forceUnlockWorkers([lock]);
    const second = await running(args, { [TASK]: handler }, { pollInterval: 250 });
    await seen.next();
    releases[0]();
    await first.stop();
    const [rows] = await sql(args, "SELECT id FROM graphile_worker._private_jobs");
    releases[1]();
    await second.stop();
    await added.release();
    return { accepted: rows.length === 0 };
  },
});
