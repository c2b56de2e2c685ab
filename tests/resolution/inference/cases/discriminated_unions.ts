interface Circle { kind: 'circle'; size: Size }
interface Square { kind: 'square'; size: Size; side: number }
interface Size { wide: number }
declare const shape: Circle | Square;
shape.kind;
//    ^ heuristic Circle.kind or Square.kind
if (shape.kind === 'square') {
  shape.side;
//      ^ leads to Square.side
  shape.size.wide;
//      ^ leads to Square.size
//           ^ leads to Size.wide
}
switch (shape.kind) { case 'circle': shape.size; }
//                                         ^ leads to Circle.size
