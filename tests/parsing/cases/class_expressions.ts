const Cart = class { pay() {} };
//    ^ definition class Cart
//                   ^ definition method pay in Cart
const mixin = (Base: any) => class extends Base { extra() { return this.extra(); } };
//                                                ^ definition method extra in mixin
//                                                                      ^ reference call symbol extra
