class Base { pay() {} }
class Cart extends Base { pay() {} close() {} }
let one: Base = new Cart();
one.pay();
//  ^ leads to Base.pay
const many: Base[] = [new Cart()];
many[0].pay();
//      ^ leads to Base.pay
const map: Map<string, Base> = new Map([['a', new Cart()]]);
map.get('a')!.pay();
//            ^ leads to Base.pay
async function load(): Promise<Base> { return new Cart(); }
load().then((cart) => cart.pay());
//                         ^ leads to Base.pay
