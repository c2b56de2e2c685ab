export abstract class Cart<T> extends Base implements Priced, ns.Named<T> {
//                    ^ definition class Cart exported abstract
//                         ^ no definition
//                                    ^ reference extends undeclared in Cart
//                                                    ^ reference implements undeclared
//                                                                     ^ reference type local 1
  static readonly max: number = 3;
  //              ^ definition property max static readonly in Cart
  //              ^ signature static readonly max: number = 3
  #secret = 1;
  // <- definition property #secret private in Cart
  protected items?: T[];
  //        ^ definition property items protected optional in Cart
  //                ^ reference type local 1 in items
  constructor(private readonly clock: Clock, plain: number) {
  // <- definition constructor constructor in Cart
    //                         ^ definition property clock private readonly parameter_property in Cart
    super();
    this.#secret = clock.now + plain;
    //   ^ reference write symbol #secret
    //             ^ reference symbol clock
    //                         ^ reference local 15
    this.clock;
    //   ^ reference symbol clock
  }
  get size(): number { return this.items!.length; }
  //  ^ definition getter size in Cart
  //                               ^ reference symbol items in size
  set size(n) {}
  //  ^ definition setter size in Cart
  static async load() { return this.max; }
  //           ^ definition method load static async in Cart
  //                                ^ reference symbol max
  abstract pay(): void;
  //       ^ definition method pay abstract in Cart
  'quoted name'() {}
  // <- definition method quoted_name in Cart
  [Symbol.iterator]() {}
  // <- no definition
  handler = () => this.size;
  // <- definition property handler in Cart
  //                   ^ reference symbol size@26 in handler
}
Cart.max;
//   ^ reference symbol max
Cart.size;
//   ^ reference unknown
