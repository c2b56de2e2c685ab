// @file: base.js
class Base {}
Base.Template = class BaseTemplate { render() {} };
Base.STAGE = 10;
module.exports = Base;
// @file: made.js
const Base = require('./base');
class Made extends Base {}
Made.Template = class MadeTemplate extends (Base.Template) { apply() {} };
//                                               ^ leads to Base.Template
module.exports = Made;
// @file: use.js
const Made = require('./made');
const template = new Made.Template();
//                        ^ leads to Made.Template
template.apply();
//       ^ leads to Template.apply
template.render();
//       ^ leads to Template.render
Made.STAGE;
//   ^ leads to Base.STAGE
new Made().STAGE;
//         ^ unknown
