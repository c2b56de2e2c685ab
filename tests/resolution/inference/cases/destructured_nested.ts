interface Shop { cart: Cart; owner: { address: Address } }
interface Cart { items: Item[] }
interface Item { price: number }
interface Address { street: string }
declare const shop: Shop;
const { cart: { items: [first] }, owner: { address } } = shop;
//      ^ leads to Shop.cart
//              ^ leads to Cart.items
//                                         ^ leads to address@1
first.price;
//    ^ leads to Item.price
address.street;
//      ^ leads to Address.street
