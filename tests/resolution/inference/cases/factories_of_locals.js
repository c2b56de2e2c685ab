function makeCart() {
  const cart = { total: 1, pay() {} };
  return cart;
}
makeCart().pay();
//         ^ leads to pay@2
makeCart().total;
//         ^ leads to total@2
