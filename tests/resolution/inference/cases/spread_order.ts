class Cart { pay() {} }
class Shop { pay() {} }
const base = { one: new Cart(), two: new Cart() };
const over = { ...base, two: new Shop() };
over.one.pay();
//   ^ leads to base.one
//       ^ leads to Cart.pay
over.two.pay();
//   ^ leads to over.two
//       ^ leads to Shop.pay
const under = { two: new Shop(), ...base };
under.two.pay();
//    ^ wrong: leads to base.two
//        ^ wrong: leads to Cart.pay
const both = { ...{ one: new Shop() }, ...base };
both.one.pay();
//       ^ leads to Cart.pay
