// @file: base.ts
export class Base {
  static make<T extends Base>(this: { new (): T }, like: Partial<T>): T { return new this(); }
  static all<T>(this: (new () => T) & typeof Base): T[] { return []; }
  save() {}
}
// @file: user.ts
import { Base } from './base';
export class User extends Base { id = ''; }
// @file: use.ts
import { User } from './user';
User.make({ id: 'x' }).id;
//                     ^ leads to User.id
User.make({}).save();
//            ^ leads to Base.save
const made = User.make({ id: 'x' });
made.id;
//   ^ leads to User.id
User.all()[0].id;
//            ^ leads to User.id
