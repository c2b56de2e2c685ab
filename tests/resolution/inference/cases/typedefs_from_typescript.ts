// @file: shapes.js
class Shape { draw() {} }
/** @typedef {{ figure: Shape }} Drawing */
/**
 * @callback Maker
 * @returns {Shape}
 */
export const shape = new Shape();
// @file: use.ts
import type { Drawing, Maker } from "./shapes";
function use(drawing: Drawing, maker: Maker) {
  drawing.figure.draw();
  //             ^ leads to Shape.draw
  maker().draw();
  //      ^ leads to Shape.draw
}
function inPlace(drawing: import("./shapes").Drawing) {
  drawing.figure.draw();
  //             ^ leads to Shape.draw
}
