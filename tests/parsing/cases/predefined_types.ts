let a: bigint, b: undefined | never, c: unique symbol, d: this;
//     ^ no reference
//                ^ no reference
