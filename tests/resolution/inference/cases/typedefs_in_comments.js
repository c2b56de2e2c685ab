// @file: shapes.js
class Shape {
  draw() {}
  /** @returns {Shape} */
  copy() { return this; }
}
/**
 * What to draw.
 *
 * @typedef {object} Options
 * @property {Shape} shape  The first.
 * @property {Shape} [second]
 * @prop {Maker} maker
 * @property {Object.<string, Shape>} others
 */
/**
 * @callback Maker
 * @param {Shape} from
 * @returns {Shape}
 */
/** @typedef {Shape} Figure */
/** @typedef {{ figure: Figure, of: Options }} Drawing */
/** @param {Options} options */
function run(options) {
  options.shape.draw();
  //      ^ leads to shape@11
  //            ^ leads to Shape.draw
  options.second.draw();
  //             ^ leads to Shape.draw
  options.maker(options.shape).draw();
  //                           ^ leads to Shape.draw
  options.others.first.draw();
  //                   ^ leads to Shape.draw
}
/** @type {Maker} */
const make = (from) => from.copy();
//                          ^ leads to Shape.copy
make(new Shape()).draw();
//                ^ leads to Shape.draw
/**
 * @param {Maker} maker
 * @param {Drawing} drawing
 */
function use(maker, drawing) {
  maker(drawing.figure).draw();
  //                    ^ leads to Shape.draw
  drawing.of.shape.draw();
  //               ^ leads to Shape.draw
}
use((from) => from.copy(), null);
//                 ^ leads to Shape.copy
// @file: uses.js
/** @param {import('./shapes').Options} options */
function elsewhere(options) {
  options.shape.draw();
  //            ^ leads to Shape.draw
}
/** @import { Drawing, Maker } from './shapes' */
/**
 * @param {Drawing} drawing
 * @param {Maker} maker
 */
function imported(drawing, maker) {
  drawing.figure.draw();
  //             ^ leads to Shape.draw
  maker(drawing.figure).draw();
  //                    ^ leads to Shape.draw
}
