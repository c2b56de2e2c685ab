class Cart { pay() {} }
/** @param {Cart} cart */
function run(cart) { cart.pay(); }
//                        ^ gap: leads to Cart.pay
/** @type {Cart} */
let typed;
typed.pay();
//    ^ gap: leads to Cart.pay
/** @returns {Cart} */
function make() { return JSON.parse(''); }
make().pay();
//     ^ wrong: leads to Cart.pay
run;
