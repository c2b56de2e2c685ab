class Cart {
  #shop = new Shop();
  #make() { return new Shop(); }
  run() { this.#shop.sell(); this.#make().sell(); }
//             ^ leads to Cart.#shop
//                   ^ leads to Shop.sell
//                                ^ leads to Cart.#make
//                                        ^ leads to Shop.sell
}
class Shop { sell() {} }
Cart;
