<!-- old
const a = 1;
//    ^ definition constant a
//! errors 0
