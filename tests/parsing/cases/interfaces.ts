interface Base { id: string }
interface Item<T> extends Base {
//        ^ definition interface Item
//                        ^ reference extends symbol Base
  /** The price. */
  readonly price?: T;
  //       ^ definition property price readonly optional in Item
  //       ^ documentation The price.
  //               ^ reference type local 2
  pay(amount: T): Item<T>;
  // <- definition method pay in Item
  //              ^ reference type symbol Item
  (call: T): void;
  new (x: T): Item<T>;
  [key: string]: unknown;
  // ^ no reference
}
