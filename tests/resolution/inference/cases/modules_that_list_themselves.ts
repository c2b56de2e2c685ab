// @file: self.d.ts
import self = require('./self');
declare namespace ring {
  const real: number;
  import Again = self.Again;
  export { Again, real as alias };
}
export = ring;
// @file: main.ts
import self = require('./self');
self.Again.alias;
self.alias;
//   ^ leads to ring.real
