const x = 1;
function f() {
  {
    const x = 2;
    console.log(x);
    //          ^ reference local 4
  }
  return x;
  //     ^ reference symbol x@1
}
for (let i = 0; i < 1; i++) { f(); }
//              ^ reference local 11
//                     ^ reference write local 11
for (const i of [1]) { console.log(i); }
//                                 ^ reference local 14
i;
// <- reference undeclared
switch (1) { case 1: const y = 1; f(y); }
//                                  ^ reference local 18
