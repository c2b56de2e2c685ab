module.exports = class Cart {
//                     ^ definition class Cart exported
  pay() { return Cart; }
  // <- definition method pay in Cart
  //             ^ reference symbol Cart
};
//! export export= symbol Cart
