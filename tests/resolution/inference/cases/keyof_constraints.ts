interface Cart { total: number; items: Item[] }
interface Item { price: number }
function get<K extends keyof Cart>(cart: Cart, key: K) { return cart[key]; }
declare const cart: Cart;
get(cart, 'items').map;
//                 ^ external
get(cart, 'items')[0].price;
//                    ^ leads to Item.price
const key: keyof Cart = 'total';
key.length;
//  ^ external
