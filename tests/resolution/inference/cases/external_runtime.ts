document.title;
//       ^ external
declare const button: HTMLButtonElement, moment: Date, some: Promise<string>;
button.style.color;
//     ^ external
//           ^ external
button.addEventListener('click', (event) => event.target);
//     ^ external
//                                                ^ external
new Date().getTime();
//         ^ external
moment.toISOString().length;
//     ^ external
//                   ^ external
some.then((text) => text.length);
//   ^ external
//                       ^ external
Math.max(1).toFixed();
//   ^ external
//          ^ external
console.log();
//      ^ external
JSON.stringify(1).length;
//                ^ external
Object.keys({}).length;
//              ^ gap: external
