class Cart { pay() {} }
interface Shop { cart: Cart; nested?: { deep: Cart } }
const shop: Shop = { cart: new Cart(), nested: { deep: new Cart() } };
shop.cart.pay();
//   ^ leads to Shop.cart
//        ^ leads to Cart.pay
shop.nested!.deep.pay();
//           ^ leads to deep@2
//                ^ leads to Cart.pay
const cast = { cart: new Cart() } as Shop;
cast.cart;
//   ^ leads to Shop.cart
const many: Record<string, Shop> = { first: { cart: new Cart() } };
many.first.cart;
//         ^ leads to Shop.cart
