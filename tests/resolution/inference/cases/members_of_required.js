// @file: lib.js
const constants = { START: 'start' };
module.exports = { constants };
// @file: main.js
const { START, GONE } = require('./lib').constants;
//      ^ leads to constants.START
const { readFile } = require('fs').promises;
//      ^ external
START;
// <- leads to constants.START
readFile();
// <- external
