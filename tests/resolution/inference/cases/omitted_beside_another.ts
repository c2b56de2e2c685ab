interface Options { name: string; size: Size }
interface Size { wide: number }
interface Person { name: Name }
interface Name { first: string }
declare const one: Omit<Options, 'name'> & Person;
one.name.first;
//  ^ leads to Person.name
//       ^ leads to Name.first
one.size.wide;
//  ^ leads to Options.size
interface Both extends Omit<Options, 'name' | 'other'>, Person {}
declare const both: Both;
both.name.first;
//   ^ leads to Person.name
declare const picked: Pick<Options, 'size'> & Person;
picked.name.first;
//     ^ leads to Person.name
picked.size.wide;
//     ^ leads to Options.size
type Without<T> = Omit<T, 'name'>;
declare const without: Without<Options> & Person;
without.name.first;
//      ^ leads to Person.name
type Over<T, N> = Omit<T, keyof N> & N;
declare const over: Over<Options, Person>;
over.name.first;
//   ^ leads to Person.name
over.size.wide;
//   ^ leads to Options.size
declare const rest: Omit<Options, 'name'>;
rest.name;
//   ^ unknown
