class Cart { pay() {} }
interface Make { (name: string): Cart; (name: string, deep: boolean): Cart[]; shared: Cart }
declare const make: Make;
make('').pay();
//       ^ leads to Cart.pay
make('', true)[0].pay();
//                ^ leads to Cart.pay
make.shared.pay();
//   ^ leads to Make.shared
//          ^ leads to Cart.pay
declare const literal: { (): Cart; more: Cart };
literal().pay();
//        ^ leads to Cart.pay
literal.more.pay();
//      ^ leads to more@11
//           ^ leads to Cart.pay
