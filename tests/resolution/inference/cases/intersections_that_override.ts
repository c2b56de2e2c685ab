interface Base { value: string; same(): void }
interface Cart { pay(): void }
type Narrowed = Base & { value: Cart };
declare const narrowed: Narrowed;
narrowed.same();
//       ^ leads to Base.same
interface Heir extends Base { same(): void; more: Cart }
declare const heir: Heir;
heir.same();
//   ^ leads to Heir.same
