// @file: a/index.js
class Store { get() { return this; } }
exports.store = new Store();
// @file: b/index.js
class Store { get() { return this; } }
exports.store = new Store();
// @file: main.js
const { store } = require('./a');
const other = require('./b').store;
store.get().get();
//    ^ leads to get@2
//          ^ leads to get@2
other.get().get();
//    ^ leads to get@5
//          ^ leads to get@5
