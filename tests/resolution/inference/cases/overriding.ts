class Base { run() { return 1; } stop() {} }
class Heir extends Base { run() { return 2; } }
declare const base: Base, heir: Heir;
base.run();
//   ^ leads to Base.run
heir.run();
//   ^ leads to Heir.run
heir.stop();
//   ^ leads to Base.stop
