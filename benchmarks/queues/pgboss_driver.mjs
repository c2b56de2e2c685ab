// pg-boss: fetch and complete in a loop, which beats its polling worker. NOTIFY is on for the pick-up
// alone, in a queue of its own: the enqueues of others here that can go without do so too.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

import { arrivals, rate, run, say, sleep, waitForGo, within } from "./steps.mjs";

const installed = createRequire(process.env.BENCH_NODE_MODULES + "/");
const { PgBoss } = await import(pathToFileURL(installed.resolve("pg-boss")).href);
const pg = installed("pg");

const QUEUE = "nothing";
const NOTICED = "noticed";

async function opened(args, options = {}, queue = {}) {
  const boss = new PgBoss({
    connectionString: args.url, max: 4, schedule: false, supervise: false, ...options,
  });
  boss.on("error", (error) => process.stderr.write(String(error) + "\n"));
  await boss.start();
  await boss.createQueue(QUEUE, queue);
  return boss;
}

async function sql(args, ...statements) {
  const client = new pg.Client({ connectionString: args.url });
  await client.connect();
  const answers = [];
  for (const statement of statements) answers.push((await client.query(statement)).rows);
  await client.end();
  return answers;
}

const numbered = (first, size) =>
  Array.from({ length: size }, (_, number) => ({ data: { number: first + number } }));

async function fill(boss, jobs, batch) {
  for (let first = 0; first < jobs; first += batch) {
    await boss.insert(QUEUE, numbered(first, Math.min(batch, jobs - first)));
  }
}

async function drain(args, batchSize) {
  const boss = await opened(args);
  await fill(boss, args.jobs, args.batch);
  await sql(args, "VACUUM (ANALYZE) pgboss.job_common", "CHECKPOINT");
  const started = performance.now();
  let done = 0;
  while (performance.now() - started < args.limit_seconds * 1000) {
    const jobs = await boss.fetch(QUEUE, { batchSize });
    if (!jobs.length) break;
    await boss.complete(QUEUE, jobs.map((job) => job.id));
    done += jobs.length;
  }
  const result = rate(done, started);
  await boss.stop({ graceful: false });
  return result;
}

await run({
  async prepare(args) {
    const boss = await opened(args);
    await boss.stop({ graceful: false });
    if (args.finished) {
      await sql(args, `INSERT INTO pgboss.job_common
          (name, data, state, started_on, completed_on, policy)
        SELECT '${QUEUE}', '{}', 'completed', now(), now(), 'standard'
        FROM generate_series(1, ${Number(args.finished)})`);
    }
    const manifest = installed.resolve("pg-boss").replace(/dist.*$/, "package.json");
    return { version: JSON.parse(readFileSync(manifest, "utf8")).version };
  },

  async empty(args) {
    await sql(args, "TRUNCATE pgboss.job_common CASCADE");
  },

  async enqueue_one(args) {
    const boss = await opened(args);
    const started = performance.now();
    for (let number = 0; number < args.jobs; number += 1) await boss.send(QUEUE, { number });
    const result = rate(args.jobs, started);
    await boss.stop({ graceful: false });
    return result;
  },

  async enqueue_many(args) {
    const boss = await opened(args);
    const started = performance.now();
    await fill(boss, args.jobs, args.batch);
    const result = rate(args.jobs, started);
    await boss.stop({ graceful: false });
    return result;
  },

  drain_one: (args) => drain(args, 1),
  drain_batch: (args) => drain(args, 1000),

  async pick_up(args) {
    const boss = await opened(args, { useListenNotify: true });
    await boss.createQueue(NOTICED, { notify: true });
    const seen = arrivals();
    await boss.work(NOTICED, { pollingIntervalSeconds: 0.5 }, async () => seen.note());
    await sleep(1);
    const milliseconds = [];
    for (let number = 0; number <= args.jobs; number += 1) {
      await sleep(0.2);
      const started = performance.now();
      await boss.send(NOTICED, { number });
      milliseconds.push((await seen.next()) - started);
    }
    await boss.stop({ graceful: false });
    return { milliseconds: milliseconds.slice(1) };
  },

  async hold(args) {
    const boss = await opened(args, {}, { expireInSeconds: args.lease_seconds });
    await boss.send(QUEUE, {}, { expireInSeconds: args.lease_seconds });
    await boss.fetch(QUEUE);
    say({ ready: true });
    await sleep(args.limit_seconds);
  },

  async watch(args) {
    const boss = await opened(args, {
      supervise: true, superviseIntervalSeconds: 1, monitorIntervalSeconds: 1,
    });
    await waitForGo();
    const seen = arrivals();
    await boss.work(QUEUE, { pollingIntervalSeconds: 0.5 }, async () => seen.note());
    const arrived = await within(
      args.limit_seconds, seen.next().then(() => Date.now() / 1000), null,
    );
    await boss.stop({ graceful: false });
    return { arrived };
  },

  async stale(args) {
    const boss = await opened(args);
    const outcome = async (settled) => {
      const id = await boss.send(QUEUE, {}, { expireInSeconds: 1, retryDelay: 0 });
      const [first] = await boss.fetch(QUEUE, { includeMetadata: true });
      await sleep(1.5);
      await sql(args, "UPDATE pgboss.queue SET monitor_claim_on = NULL, monitor_on = NULL");
      await boss.supervise(QUEUE);
      const [second] = await boss.fetch(QUEUE, { includeMetadata: true });
      if (first.id !== id || second?.id !== id) throw new Error("the job was not leased again");
      await boss.complete(QUEUE, settled(first));
      const job = await boss.getJobById(QUEUE, id);
      await boss.deleteJob(QUEUE, id);
      return job.state === "completed";
    };
    const byId = await outcome((job) => job.id);
    const byAttempt = await outcome((job) => job);
    await boss.stop({ graceful: false });
    return { accepted: byId, accepted_by_attempt: byAttempt };
  },
});
