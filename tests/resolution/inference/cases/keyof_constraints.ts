interface Cart { total: number; items: Item[] }
interface Item { price: number }
function get<K extends keyof Cart>(cart: Cart, key: K) { return cart[key]; }
declare const cart: Cart;
get(cart, 'items').map;
//                 ^ gap: external
get(cart, 'items')[0].price;
//                    ^ gap: leads to Item.price
const key: keyof Cart = 'total';
key.length;
//  ^ external
