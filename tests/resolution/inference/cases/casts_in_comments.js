/** @typedef {{ name: string }} Item */
function any() { return null; }
const one = /** @type {Item} */ (any());
one.name;
//  ^ leads to name@1
const { name } = /** @type {Item} */ (any());
//      ^ leads to name@1
let later;
later = /** @type {Item} */ (any());
later.name;
//    ^ leads to name@1
const made = () => /** @type {Item} */ (any());
made().name;
//     ^ leads to name@1
const held = { of: /** @type {Item} */ (any()), list: /** @type {Item[]} */ ([]) };
held.of.name;
//      ^ leads to name@1
held.list[0].name;
//           ^ leads to name@1
class Store {
  of = /** @type {Item} */ (any());
  constructor() { this.given = /** @type {Item} */ (any()); }
  run() { return [this.of.name, this.given.name]; }
//                        ^ leads to name@1
//                                         ^ leads to name@1
}
function told() { return /** @type {Item} */ (any()); }
told().name;
//     ^ leads to name@1
const plain = /** not a type */ ({ of: 1 });
plain.of;
//    ^ leads to of@30
new Store(); name;
/** @typedef {{ name: string, more?: number }} Longer */
const longer = /** @type {Longer} */ ({ name: '' });
longer.name;
//     ^ leads to local name@34
