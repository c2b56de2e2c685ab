const shop = (function () {
  const carts = [];
  function add(cart) { carts.push(cart); return shop; }
  return { add, size: () => carts.length };
//                                ^ external
})();
shop.add().size();
//   ^ leads to add@4
//         ^ leads to size@4
