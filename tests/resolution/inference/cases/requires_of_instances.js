// @file: config.js
const config = { port: 1, deep: { name: '' } };
module.exports = config;
// @file: main.js
const config = require('./config');
const { deep } = require('./config');
//      ^ leads to config.deep
const port = require('./config').port;
//                               ^ leads to config.port
config.deep.name;
//     ^ leads to config.deep
//          ^ leads to deep.name
deep.name;
//   ^ leads to deep.name
port;
