class Cart { pay() {} }
later().pay();
//      ^ leads to Cart.pay
function later() { return inner(); function inner() { return new Cart(); } }
const early = () => last.pay();
//                       ^ leads to Cart.pay
const last = new Cart();
early;
