interface Circle { kind: 'circle'; size: number }
interface Square { kind: 'square'; size: number }
type Shape = Circle | Square;
declare function next(): Shape;
function assigned(shape: Shape) {
  if (shape.kind === 'circle') {
    shape.size;
//        ^ leads to Circle.size
    shape = next();
    shape.size;
//        ^ heuristic Circle.size or Square.size
  }
}
function called(shape: Shape, again: Shape) {
  if (shape.kind === 'circle' && again.kind === 'circle') {
    const inner = () => shape.size;
//                            ^ leads to Circle.size
    const later = () => again.size;
//                            ^ heuristic Circle.size or Square.size
    function hoisted() { return shape.size; }
//                                    ^ heuristic Circle.size or Square.size
    return [inner, later, hoisted];
  }
  again = next();
  return [];
}
function shadowed(shape: Shape) {
  if (shape.kind === 'circle') { const shape = next(); shape.size; }
//                                                           ^ heuristic Circle.size or Square.size
}
function left(shape: Shape, others: Shape[]) {
  if (others) { if (shape.kind === 'circle') return; }
  if (shape.kind === 'circle') { shape.kind; }
  shape.size;
//      ^ heuristic Circle.size or Square.size
  for (const one of others) { if (one.kind === 'square') break; one.size; }
//                                                                  ^ leads to Circle.size
  while (shape.kind === 'circle') { if (!shape.size) break; }
  shape.size;
//      ^ heuristic Circle.size or Square.size
}
function searched(shape: Shape) {
  while (shape.kind === 'circle') shape = next();
  shape.size;
//      ^ leads to Square.size
}
class Canvas {
  shape: Shape = next();
  draw() {
    if (this.shape.kind !== 'circle') return () => this.shape.size;
//                                                            ^ heuristic Circle.size or Square.size
    return function (this: Canvas) { return this.shape.size; };
//                                                     ^ heuristic Circle.size or Square.size
  }
}
interface Def<T> { of: T[]; size: number }
class Holder<T> { def!: T; cached = 0; }
class Own<T> extends Holder<Def<T>> {
  read() {
    if (this.cached !== 0) return this.cached;
    return this.def.size;
//                  ^ leads to Def.size
  }
}
assigned; Own; called; shadowed; left; searched; Canvas;
