// @file: logger.ts
export class Logger { write() {} child() { return new Logger(); } }
// @file: users.ts
import { Logger } from './logger';
export class Users { constructor(private logger: Logger) {} find() { this.logger.write(); return [{ id: 1 }]; } }
//                                                                               ^ leads to Logger.write
// @file: main.ts
import { Logger } from './logger';
import { Users } from './users';
class App {
  private users: Users;
  constructor(private logger: Logger) { this.users = new Users(this.logger); }
  run() {
    this.users.find()[0].id;
//             ^ leads to Users.find
//                       ^ leads to id@5
    this.logger.child().write();
//              ^ leads to Logger.child
//                      ^ leads to Logger.write
  }
}
App;
