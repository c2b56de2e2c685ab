interface Circle { kind: 'circle'; size: number }
interface Square { kind: 'square'; size: number }
interface Line { kind: 'line'; size: number }
type Shape = Circle | Square | Line;
function branches(shape: Shape) {
  if (shape.kind === 'circle') shape.size;
//                                   ^ leads to Circle.size
  else if ('square' == shape.kind) shape.size;
//                                       ^ leads to Square.size
  else shape.size;
//           ^ leads to Line.size
  shape.size;
//      ^ heuristic Circle.size or Square.size or Line.size
  shape.kind !== 'line' || shape.size;
//                               ^ leads to Line.size
  return shape.kind === 'circle' ? shape.size : shape.kind === 'line' && shape.size;
//                                       ^ leads to Circle.size
//                                                                             ^ leads to Line.size
}
function either(shape: Shape) {
  if (shape.kind === 'circle' || shape.kind === 'square') {
    shape.size;
//        ^ heuristic Circle.size or Square.size
  } else {
    shape.size;
//        ^ leads to Line.size
  }
  if (!(shape.kind !== 'circle' && (shape).kind !== 'line')) return;
  shape.size;
//      ^ leads to Square.size
}
function leaving(shape: Shape) {
  if (shape.kind === 'circle') { return; } else if (shape.kind === 'line') throw shape.size;
//                                                                                     ^ leads to Line.size
  shape.size;
//      ^ leads to Square.size
}
function staying(shape: Shape) {
  if (shape.kind === 'circle') { shape.kind; } else if (shape.kind === 'line') return;
  shape.size;
//      ^ heuristic Circle.size or Square.size
}
function staying_for_one(shape: Shape) {
  if (shape.kind === 'circle') { shape.kind; } else if (shape.kind !== 'square') return;
  shape.size;
//      ^ heuristic Circle.size or Square.size
}
function loops(shapes: Shape[], shape: Shape) {
  for (const one of shapes) {
    if (one.kind === 'circle') continue;
    if (one.kind !== 'line') { one.size; break; }
//                                 ^ leads to Square.size
    one.size;
//      ^ leads to Line.size
  }
  while (shape.kind === 'line') { shape.size; shape = shapes[0]; }
//                                      ^ leads to Line.size
}
function cases(shape: Shape) {
  switch (shape.kind) {
    case 'circle':
      shape.size;
//          ^ leads to Circle.size
      break;
    case 'square':
      shape.size;
//          ^ leads to Square.size
    default:
      shape.size;
//          ^ heuristic Square.size or Line.size
  }
  switch (shape.kind) {
    case 'circle': case 'square': return shape.size;
//                                             ^ heuristic Circle.size or Square.size
    default: return shape.size;
//                        ^ leads to Line.size
  }
}
function conditions(shape: Shape) {
  switch (true) {
    case shape.kind === 'circle': return shape.size;
//                                             ^ leads to Circle.size
    default: shape.size;
//                 ^ heuristic Square.size or Line.size
  }
}
function nested(holder: { shape?: Shape; of: { shape: Shape } }) {
  if (holder.shape?.kind === 'square') holder.shape.size;
//                                                  ^ leads to Square.size
  if (holder.of.shape!.kind === 'line') holder.of.shape.size;
//                                                      ^ leads to Line.size
}
class Canvas {
  constructor(private shape: Shape) {}
  draw() {
    if (this.shape.kind === 'circle') this.shape.size;
//                                               ^ leads to Circle.size
  }
}
branches; either; leaving; staying; staying_for_one; loops; cases; conditions; nested; Canvas;
