// @file: a.d.ts
interface Shop { sell(): void }
// @file: b.d.ts
interface Shop { close(): void }
// @file: main.ts
declare const shop: Shop;
shop.sell();
//   ^ leads to Shop.sell
shop.close();
//   ^ leads to Shop.close
export {};
