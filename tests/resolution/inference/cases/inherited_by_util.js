const util = require('util');
function Base() {}
Base.prototype.run = function () {};
function Heir() {}
util.inherits(Heir, Base);
Heir.prototype.stop = function () { this.stop(); };
//                                       ^ leads to Heir.stop
new Heir().stop();
//         ^ leads to Heir.stop
