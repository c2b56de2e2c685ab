class Cart { pay() {} }
function made(parts: TemplateStringsArray) { parts; return new Cart(); }
made`a`.pay();
//      ^ leads to Cart.pay
