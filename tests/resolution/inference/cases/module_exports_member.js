// @file: db.js
exports.schema = { tables: 1 };
exports.deep = { inner: function inner() {} };
exports.Store = class Store { read() {} };
// @file: schema.js
module.exports = require('./db').schema;
//                               ^ leads to schema@2
// @file: inner.js
module.exports = require('./db').deep.inner;
//                               ^ leads to deep@3
//                                    ^ leads to deep.inner
// @file: store.js
module.exports = require('./db').Store;
//                               ^ leads to Store@4
// @file: gone.js
module.exports = require('./nowhere').schema;
// @file: uses.js
const { tables } = require('./schema');
//      ^ gap: leads to schema.tables
const schema = require('./schema');
schema.tables;
// <- leads to schema@6
//     ^ leads to schema.tables
require('./schema').tables;
//                  ^ leads to schema.tables
const inner = require('./inner');
inner();
// <- leads to inner@9
const Store = require('./store');
new Store().read();
//  ^ leads to Store@13
//          ^ leads to Store.read
new (require('./store'))().read();
//                         ^ leads to Store.read
const { nothing } = require('./gone');
//      ^ unknown
