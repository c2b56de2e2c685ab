outer: for (;;) { break outer; }
// <- no reference
//                      ^ no reference
