// @file: types.ts
export interface Compiler { hooks: string }
export interface Plugin { apply(compiler: Compiler): void }
export interface Config { plugins?: Plugin[]; done?: (compiler: Compiler) => void }
// @file: required.js
/** @type {import('./types').Config} */
module.exports = {
  plugins: [{ apply(compiler) { compiler.hooks; } }],
  //                                     ^ leads to Compiler.hooks
  done: (compiler) => compiler.hooks,
  //                           ^ leads to Compiler.hooks
};
// @file: made.js
/** @type {(name: string) => import('./types').Config} */
module.exports = (name) => ({ done(compiler) { compiler.hooks; } });
//                                                      ^ leads to Compiler.hooks
// @file: imported.mjs
/** @type {import('./types').Config} */
export default { done(compiler) { compiler.hooks; } };
//                                         ^ leads to Compiler.hooks
