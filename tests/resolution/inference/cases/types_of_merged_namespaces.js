// @file: types.d.ts
export class Linter { lint(): void; }
export namespace Linter { interface Result { messages: string[] } }
// @file: main.js
/** @typedef {import('./types').Linter.Result} Result */
/** @returns {Promise<Result[]>} */
async function lint() { return []; }
async function run() {
  const results = await lint();
  results[0].messages;
  //         ^ leads to Result.messages
}
run;
