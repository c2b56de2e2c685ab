class Cart { pay() {} }
class Coin { toss() {} }
const theme = { light: { main: new Cart() }, dark: { main: new Cart() } };
type Name = keyof typeof theme;
declare const hue_: Name, other: keyof typeof theme;
theme[hue_].main.pay();
//               ^ leads to Cart.pay
theme[other].main.pay();
//                ^ leads to Cart.pay
function pick(hue: Name) { return theme[hue]; }
pick('dark').main.pay();
//                ^ leads to Cart.pay
const classes = { a: Cart, b: Cart };
declare const of: keyof typeof classes;
new classes[of]().pay();
//                ^ leads to Cart.pay
const makers = { cart: () => new Cart(), again: () => new Cart(), coin: () => new Coin() };
type Made = 'cart' | 'again';
declare const made: Made, all: keyof typeof makers, one: 'coin' | 'coin';
makers[made]().pay();
//             ^ leads to Cart.pay
makers[one]().toss();
//            ^ leads to Coin.toss
interface Shop { cart: Cart; again: Cart; coin: Coin }
declare const shop: Shop;
shop[made].pay();
//         ^ leads to Cart.pay
type Held = Shop[Made];
declare const held: Held, inner: Shop['cart' | 'again'];
held.pay();
//   ^ leads to Cart.pay
inner.pay();
//    ^ leads to Cart.pay
type Keys = keyof Shop;
function get<K extends Keys>(key: K): Shop[K] { return shop[key]; }
get('coin').toss();
//          ^ leads to Coin.toss
declare const list: Cart[], at: 0 | 1;
list[at].pay();
//       ^ leads to Cart.pay
