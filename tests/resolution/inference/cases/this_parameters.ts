class Cart { pay() {} }
function run(this: Cart) {
  this.pay();
//     ^ gap: leads to Cart.pay
}
run;
