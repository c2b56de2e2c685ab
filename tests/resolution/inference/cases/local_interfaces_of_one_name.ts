function one() {
  interface Options { depth: number }
  const options: Options = { depth: 1 };
  options.depth;
//        ^ leads to depth@2
  options.size;
//        ^ unknown
}
function two() {
  interface Options { size: number }
  const options: Options = { size: 1 };
  options.size;
//        ^ leads to size@10
}
one; two;
