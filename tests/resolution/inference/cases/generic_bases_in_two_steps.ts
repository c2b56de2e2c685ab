class Box<A> { value!: A; }
class Boxes<B> extends Box<B[]> { first() { return this.value[0]; } }
class Coin { spend() {} }
class Purse extends Boxes<Coin> {}
declare const purse: Purse;
purse.value[0].spend();
//             ^ leads to Coin.spend
purse.first().spend();
//            ^ leads to Coin.spend
