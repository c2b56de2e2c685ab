// @file: entity.ts
export interface Entity { id: string }
export abstract class Service<E extends Entity> {
  protected items: E[] = [];
  byId(id: string) { return this.items.find((one) => one.id === id); }
//                                                       ^ leads to Entity.id
  abstract blank(): E;
  fresh() { return this.blank(); }
}
// @file: users.ts
import { Service, type Entity } from './entity';
interface User extends Entity { mail: string }
class Users extends Service<User> {
  blank(): User { throw 1; }
  run() { this.byId('')?.mail; this.fresh().mail; this.items.map((one) => one.id); }
//                       ^ leads to User.mail
//                                          ^ leads to User.mail
//                                                                            ^ leads to Entity.id
}
new Users().byId('')!.mail;
//                    ^ leads to User.mail
