module.exports = { first() { return { of: 1 }; }, held: { at: 1 } };
module.exports.later = function () { return { to: 1 }; };
// @file: use.js
const made = require('./added_to_exports');
made.later().to;
//   ^ leads to later
//           ^ leads to to@2
made.first().of;
//   ^ leads to first
//           ^ leads to of@1
made.held.at;
//        ^ leads to held.at
const { later } = made;
later().to;
//      ^ leads to to@2
const taken = require('./added_to_exports').later;
taken().to;
//      ^ leads to to@2
