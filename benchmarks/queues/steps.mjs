// The same as steps.py, for the drivers that run in Node.
import { createInterface } from "node:readline";

const DEFAULTS = { jobs: 0, batch: 1000, finished: 0, limit_seconds: 60, lease_seconds: 5 };

export const say = (line) => process.stdout.write(JSON.stringify(line) + "\n");

export const sleep = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));

export const rate = (jobs, started) => ({ jobs, seconds: (performance.now() - started) / 1000 });

export function waitForGo() {
  say({ ready: true });
  const lines = createInterface({ input: process.stdin });
  return new Promise((done) => lines.once("line", () => { lines.close(); done(); }));
}

// Resolves to `late` when `promise` takes longer than `seconds`.
export function within(seconds, promise, late) {
  let timer;
  const end = new Promise((done) => { timer = setTimeout(() => done(late), seconds * 1000); });
  return Promise.race([promise, end]).finally(() => clearTimeout(timer));
}

// A place where the handler says that it was called, and the step hears of it.
export function arrivals() {
  const waiting = [];
  const arrived = [];
  return {
    note() {
      const at = performance.now();
      const next = waiting.shift();
      if (next) next(at);
      else arrived.push(at);
    },
    next() {
      if (arrived.length) return Promise.resolve(arrived.shift());
      return new Promise((done) => waiting.push(done));
    },
  };
}

export async function run(steps) {
  const [name, text] = process.argv.slice(2);
  const result = await steps[name]({ ...DEFAULTS, ...JSON.parse(text) });
  process.stdout.write(JSON.stringify(result ?? {}) + "\n", () => process.exit(0));
}
