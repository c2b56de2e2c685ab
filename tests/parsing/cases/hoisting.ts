early();
// <- reference call symbol early
function early() {
  inner();
  // <- reference call symbol inner
  late = 1;
  // <- reference write local 9
  function inner() {}
  if (inner) { var late = 2; }
  //  ^ reference read symbol inner@8
}
