/** @typedef {{ port: Port }} Config */
/** @typedef {{ open: () => void }} Port */
/** @type {Config} */
const config = require('./config');
config.port.open();
//     ^ leads to local port@1
//          ^ leads to local open@2
/** @type {import('./other').Config} */
const other = require('./config');
other.port.name;
//    ^ leads to port@23
/** @typedef {{ name: string }} Named */
const { port } = require('./config');
port.wide;
//   ^ leads to port.wide
const plain = require('./config');
plain.port.wide;
//         ^ leads to port.wide
// @file: config.js
module.exports = { port: { wide: 1 } };
// @file: other.d.ts
export interface Config {
  port: { name: string };
}
