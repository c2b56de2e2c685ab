interface Options { name: string; size: Size }
interface Size { wide: number }
interface Name { first: string }
type Renamed = Omit<Options, 'name'> & { name: Name };
declare const one: Renamed;
one.name.first;
//  ^ leads to name@4
//       ^ leads to Name.first
one.size.wide;
//  ^ leads to Options.size
//       ^ leads to Size.wide
interface Extended extends Omit<Options, 'name'> { name: Name }
declare const two: Extended;
two.name.first;
//  ^ leads to Extended.name
//       ^ leads to Name.first
