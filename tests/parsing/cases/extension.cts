export const a = 1;
//           ^ definition constant a exported
a;
// <- reference symbol a
