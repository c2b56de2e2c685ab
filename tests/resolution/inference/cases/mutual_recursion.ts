class Cart { pay() {} }
function f(n: number) { return n ? g(n) : new Cart(); }
function g(n: number) { return f(n); }
f(1).pay();
//   ^ leads to Cart.pay
g(1).pay();
//   ^ leads to Cart.pay
f(2).pay();
//   ^ leads to Cart.pay
