const a = 1;
//    ^ definition constant a exported default
export default a;
//             ^ reference export symbol a
//! export default symbol a
