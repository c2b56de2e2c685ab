class Cart { pay() {} }
/** @param {Cart} cart */
function run(cart) { cart.pay(); }
//                        ^ leads to Cart.pay
/** @type {Cart} */
let typed;
typed.pay();
//    ^ leads to Cart.pay
/** @returns {Cart} */
function make() { return JSON.parse(''); }
make().pay();
//     ^ leads to Cart.pay
run;
