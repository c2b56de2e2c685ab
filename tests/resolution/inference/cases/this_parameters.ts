class Cart { pay() {} }
function run(this: Cart) {
  this.pay();
//     ^ leads to Cart.pay
}
run;
