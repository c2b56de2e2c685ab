class Till { ring() {} }
function Shop(name) {
  this.name = name;
  this.till = new Till();
  const open = () => { this.opened = new Till(); };
  function inner() { this.inside = new Till(); }
  this.close();
//     ^ leads to Shop.close
  this.till.ring();
//     ^ leads to Shop.till
//          ^ leads to Till.ring
}
Shop.prototype.close = function () {
  this.closed = new Till();
  return this.till;
//            ^ leads to Shop.till
};
const shop = new Shop("a");
shop.opened.ring();
//   ^ leads to Shop.opened
//          ^ leads to Till.ring
shop.closed.ring();
//   ^ leads to Shop.closed
//          ^ leads to Till.ring
shop.close().ring();
//           ^ leads to Till.ring
shop.inside;
//   ^ unknown
Shop.name;
//   ^ external
const Store = function () { this.till = new Till(); };
new Store().till.ring();
//          ^ leads to Store.till
//               ^ leads to Till.ring
function outer() {
  function Stall() { this.till = new Till(); }
  Stall.prototype.sell = function () { return this.till; };
//                                                 ^ leads to Stall.till
  new Stall().till.ring();
//            ^ leads to Stall.till
//                 ^ leads to Till.ring
}
const plain = { begin: function () { this.begun = 1; return this.till; }, till: new Till() };
//                                                               ^ leads to plain.till
function typed() { return this.till; }
// @file: made.js
const { Desk } = require("./desk");
exports.Kiosk = function () { this.till = new Desk(); this.till.ring(); };
//                                                         ^ leads to Kiosk.till
//                                                              ^ leads to Desk.ring
module.exports.Stand = function Stand() { this.stood = new Desk(); };
// @file: desk.js
exports.Desk = class Desk { ring() {} };
// @file: use.js
const { Kiosk, Stand } = require("./made");
new Kiosk().till.ring();
//          ^ leads to Kiosk.till
new Stand().stood.ring();
//          ^ leads to Stand.stood
