class Map { pay() { return this; } }
class Promise { sell() {} }
new Map().pay().pay();
//        ^ leads to Map.pay
//              ^ leads to Map.pay
declare const some: Promise, all: Array<Map>;
some.sell();
//   ^ leads to Promise.sell
all[0].pay();
//     ^ leads to Map.pay
export {};
