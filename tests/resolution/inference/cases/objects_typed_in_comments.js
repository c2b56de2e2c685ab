/** @typedef {{ url: string, deep?: { x: string } }} State */
/** @type {State} */
let one = { url: "" };
one.url;
//  ^ leads to url@1
let /** @type {State} */ two = { url: "" };
two.url;
//  ^ leads to url@1
const holder = {
  /** @type {State} */
  state: { url: "" },
  plain: { url: "" },
};
holder.state.url;
//           ^ leads to url@1
holder.plain.url;
//           ^ leads to holder.plain.url
class Shop {
  /** @type {State} */
  state = { url: "" };
  plain = { url: "" };
  /** @type {State} */
  static shared = { url: "" };
  constructor() {
    /** @type {State} */
    this.made = { url: "" };
  }
  go() {
    this.state.url;
//             ^ leads to url@1
    this.plain.url;
//             ^ leads to Shop.plain.url
    this.made.url;
//            ^ leads to url@1
    Shop.shared.url;
//              ^ leads to url@1
  }
}
/** @type {State} */
exports.state = { url: "" };
exports.state.url;
//            ^ leads to url@1
/** @satisfies {State} */
const checked = { url: "" };
checked.url;
//      ^ leads to checked.url
/** Only words. */
const words = { url: "" };
words.url;
//    ^ leads to words.url
/** @type {import("outside").Config} */
const outside = { url: "" };
outside.url;
//      ^ external
/** @type {Record<string, State>} */
const record = { a: { url: "" } };
record.a.url;
//       ^ leads to url@1
