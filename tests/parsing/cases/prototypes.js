function Cart() { this.items = []; }
//                     ^ definition property items instance in Cart
Cart.prototype.add = function (item) { this.add(item); };
//             ^ definition method add instance in Cart
//                                          ^ reference call symbol add
Cart.create = function () { return new Cart(); };
//   ^ definition method create in Cart
//                                     ^ reference new symbol Cart
Cart.create();
//   ^ reference call symbol create
app.use = function use() {};
//  ^ definition method use
