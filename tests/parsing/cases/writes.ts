let a = 1, b = { c: 1 };
a = 2;
// <- reference write symbol a
a += 1;
// <- reference write symbol a
a++;
// <- reference write symbol a
b.c = 3;
// <- reference read symbol b
//^ reference write symbol c
({ c: a } = b);
// ^ reference unknown
//    ^ reference write symbol a
[a] = [1];
//^ no reference
for (a of []) {}
//   ^ reference write symbol a
