class Cart { pay() {} static open() {} }
const settings = { depth: { max: 1 } };
declare const same: typeof settings, made: InstanceType<typeof Cart>;
declare const type: typeof Cart;
same.depth.max;
//   ^ leads to settings.depth
//         ^ leads to depth.max
made.pay();
//   ^ leads to Cart.pay
type.open();
//   ^ leads to Cart.open
new type().pay();
//         ^ leads to Cart.pay
type Settings = typeof settings;
function take(given: Settings) { given.depth; }
//                                     ^ leads to settings.depth
take;
