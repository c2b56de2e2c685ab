// @file: base.ts
class Logger { write() {} }
export class Base {
  logger = new Logger();
  open() { return this.logger; }
}
// @file: heir.ts
import { Base } from './base';
export class Heir extends Base {
  open() {
    super.open().write();
//        ^ leads to Base.open
//               ^ leads to Logger.write
    this.open();
//       ^ leads to Heir.open
    this.logger.write();
//       ^ leads to Base.logger
//              ^ leads to Logger.write
    return this.logger;
  }
}
