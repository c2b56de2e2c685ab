declare class Cart { pay(): void }
declare class Shop { open(): void }
type Finder = { find(name: string): Shop; find(number: number): Cart; plain: Cart };
declare const finder: Finder;
finder.find('corner').open();
//                    ^ leads to Shop.open
finder.find(1).pay();
//             ^ leads to Cart.pay
finder.plain.pay();
//           ^ leads to Cart.pay
