interface Cart { pay(): void }
interface Shop { sell(): void }
type Both = { cart: { of: Cart }; shop: { of: Shop } };
declare const both: Both;
both.shop.of.sell();
//        ^ leads to Both.shop.of
//           ^ leads to Shop.sell
both.cart.of.pay();
//        ^ leads to Both.cart.of
//           ^ leads to Cart.pay
const { cart: { of: paid }, shop: { of: sold } } = both;
//              ^ leads to Both.cart.of
//                                  ^ leads to Both.shop.of
declare function wrap<T>(of: T): T;
const user = wrap({ user: { name: '' } });
user.user.name;
//   ^ leads to local user@15
const config = wrap({ config: { port: 1 } });
config.config.port;
//     ^ leads to local config@18
//            ^ leads to port@18
class Server { constructor(public options: { options: Cart }) {} }
declare const server: Server;
server.options.options.pay();
//     ^ leads to Server.options
//             ^ leads to local options@22
//                     ^ leads to Cart.pay
