declare const name: string, size: number;
name.trim().length;
//   ^ external
//          ^ external
'a'.split(',').map((part) => part.length);
//  ^ external
//             ^ external
//                                ^ external
`${size}`.trim();
//        ^ external
size.toFixed(1).padStart(3);
//   ^ external
//              ^ external
/a/.test('a');
//  ^ external
(1 + 2).toFixed();
//      ^ external
('a' + name).length;
//           ^ external
