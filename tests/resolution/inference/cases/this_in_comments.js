// @file: types.ts
export interface Context { async(): void }
export type Loader = (this: Context, source: string) => void;
// @file: required.js
/** @type {import('./types').Loader} */
module.exports = function (source) { this.async(); };
//                                        ^ leads to Context.async
// @file: said.js
/** @this {import('./types').Context} */
function said() { this.async(); }
//                     ^ leads to Context.async
const shop = { inner: {} };
shop.sell = () => {};
shop.inner.open = function () { this.close(); };
//                                   ^ unknown
shop.run = function () { this.sell(); };
//                            ^ leads to shop.sell
said;
