function shop() { return shop.open; }
namespace shop { export const open = new (class { close() {} })(); export function cart() { return { pay: 1 }; } }
shop.open;
//   ^ leads to shop.open
shop.cart().pay;
//   ^ leads to shop.cart
//          ^ leads to pay@2
