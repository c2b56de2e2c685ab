interface Shape { side: number }
const square: Shape = { side: 1 };
//                      ^ definition property side object_member in square
square.side;
//     ^ reference unknown
const cast = { side: 1 } as Shape;
cast.side;
//   ^ reference unknown
const frozen = Object.freeze({ side: 1 });
frozen.side;
//     ^ reference symbol side@9
const checked = { side: 1 } satisfies Shape;
//                                    ^ reference type symbol Shape
checked.side;
//      ^ reference symbol side@12
const typed: { side: number } = { side: 2 };
typed.side;
//    ^ reference symbol side@16
