class Coin { spend() {} }
class Box<T> {
  value!: T;
  list: T[] = [];
  one(): T { return this.value; }
  get last() { return this.list[0]; }
}
class Purse extends Box<Coin> {
  first() {
    this.value.spend();
//             ^ leads to Coin.spend
    this.one().spend();
//             ^ leads to Coin.spend
    this.last.spend();
//            ^ leads to Coin.spend
    for (const coin of this.list) coin.spend();
//                                     ^ leads to Coin.spend
    const { list: [given] } = this;
    given.spend();
//        ^ leads to Coin.spend
    return this.one();
  }
}
new Purse().first().spend();
//                  ^ leads to Coin.spend
class Pairs<A> extends Box<A[]> { two() { return this.one()[0]; } }
declare const pairs: Pairs<Coin>;
pairs.two().spend();
//          ^ leads to Coin.spend
