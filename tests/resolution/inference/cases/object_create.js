const base = { run() { return this; } };
const heir = Object.create(base);
heir.run();
//   ^ leads to base.run
const other = Object.setPrototypeOf({}, base);
other;
