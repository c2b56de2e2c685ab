function over(a: string): void;
//       ^ definition function over overload
function over(a: number): void;
//       ^ definition function over overload
function over(a: unknown) {}
//       ^ definition function over
over(1);
// <- reference call symbol over@1
