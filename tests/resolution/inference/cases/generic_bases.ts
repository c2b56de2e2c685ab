// @file: repository.ts
export abstract class Repository<T> {
  protected entity!: T;
  find(): T { return this.entity; }
  all(): T[] { return []; }
  async load() { return this.entity; }
}
// @file: users.ts
import { Repository } from './repository';
class User { rename() {} }
class Users extends Repository<User> {
  async run() {
    this.entity.rename();
//              ^ leads to User.rename
    this.find().rename();
//              ^ leads to User.rename
    this.all()[0].rename();
//                ^ leads to User.rename
    (await this.load()).rename();
//                      ^ leads to User.rename
  }
}
new Users().find().rename();
//                 ^ leads to User.rename
