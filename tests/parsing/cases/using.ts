using top = open();
//    ^ definition constant top
//          ^ reference call undeclared
function f() {
  using inner = top;
  //    ^ no definition
  //            ^ reference symbol top
  inner;
  // <- reference local 5
}
