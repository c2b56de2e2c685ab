type Props = { a: string };
function f(p: Props): string { return p.a; }
//       ^ definition function f
//            ^ reference type symbol Props
//! errors 0
