class Cart {}
//    ^ definition class Cart exported
export = Cart;
//       ^ reference export symbol Cart
//! export export= symbol Cart
