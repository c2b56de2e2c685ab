declare namespace JSX { interface Element {} interface ElementChildrenAttribute { children: {} } }
class Coin { toss() {} }
class Cart { coin = new Coin(); pay() { return ''; } }
declare const carts: Cart[], given: { rows: Cart[] };
interface TableProps<T> { rows: T[]; print: (row: T) => string; columns?: { cell: (row: T) => string }[]; note?: string; wide?: boolean }
function Table<T>({ rows, print }: TableProps<T>): JSX.Element { return rows.map((row) => print(row)); }
<Table rows={carts} print={(row) => row.pay()} note="a" wide />;
//                                      ^ leads to Cart.pay
<Table print={function (row) { return row.pay(); }} rows={carts.filter((cart) => cart.coin)} columns={[{ cell: (row) => row.pay() }]} />;
//                                        ^ leads to Cart.pay
//                                                                                    ^ leads to Cart.coin
//                                                                                                                          ^ leads to Cart.pay
<Table<Cart> rows={[]} print={(row) => row.pay()}></Table>;
//                                         ^ leads to Cart.pay
<Table {...given} print={(row) => row.pay()} />;
//                                    ^ leads to Cart.pay
const Arrow = <T, S>(props: { from: T; pick: (of: T) => S; show: (of: S) => void; children?: (of: S) => void }): JSX.Element => props;
<Arrow from={new Cart()} pick={(cart) => cart.coin} show={(coin) => coin.toss()} />;
//                                            ^ leads to Cart.coin
//                                                                       ^ leads to Coin.toss
<Arrow from={new Cart()} pick={(cart) => cart} show={(cart) => cart.pay()}>{(cart) => cart.pay()}</Arrow>;
//                                                                  ^ leads to Cart.pay
//                                                                                         ^ leads to Cart.pay
<Arrow from={new Cart()} show={(cart) => cart.pay()} pick={(cart) => cart} />;
//                                            ^ unknown
<Table rows={unheard} print={(row) => row.pay()} />;
//                                        ^ external
<Table print={(row) => row.pay()} />;
//                         ^ unknown
