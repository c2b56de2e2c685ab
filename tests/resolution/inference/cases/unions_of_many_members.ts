interface Tagged { tag: string }
interface Kind0 extends Tagged { tag: "k0"; own0: { value: number } }
interface Kind1 extends Tagged { tag: "k1"; own1: { value: number } }
interface Kind2 extends Tagged { tag: "k2"; own2: { value: number } }
interface Kind3 extends Tagged { tag: "k3"; own3: { value: number } }
interface Kind4 extends Tagged { tag: "k4"; own4: { value: number } }
interface Kind5 extends Tagged { tag: "k5"; own5: { value: number } }
interface Kind6 extends Tagged { tag: "k6"; own6: { value: number } }
interface Kind7 extends Tagged { tag: "k7"; own7: { value: number } }
interface Kind8 extends Tagged { tag: "k8"; own8: { value: number } }
interface Kind9 extends Tagged { tag: "k9"; own9: { value: number } }
interface Kind10 extends Tagged { tag: "k10"; own10: { value: number } }
interface Kind11 extends Tagged { tag: "k11"; own11: { value: number } }
interface Kind12 extends Tagged { tag: "k12"; own12: { value: number } }
interface Kind13 extends Tagged { tag: "k13"; own13: { value: number } }
interface Kind14 extends Tagged { tag: "k14"; own14: { value: number } }
interface Kind15 extends Tagged { tag: "k15"; own15: { value: number } }
interface Kind16 extends Tagged { tag: "k16"; own16: { value: number } }
interface Kind17 extends Tagged { tag: "k17"; own17: { value: number } }
interface Kind18 extends Tagged { tag: "k18"; own18: { value: number } }
interface Kind19 extends Tagged { tag: "k19"; own19: { value: number } }
interface Kind20 extends Tagged { tag: "k20"; own20: { value: number } }
interface Kind21 extends Tagged { tag: "k21"; own21: { value: number } }
interface Kind22 extends Tagged { tag: "k22"; own22: { value: number } }
interface Kind23 extends Tagged { tag: "k23"; own23: { value: number } }
interface Kind24 extends Tagged { tag: "k24"; own24: { value: number } }
interface Kind25 extends Tagged { tag: "k25"; own25: { value: number } }
interface Kind26 extends Tagged { tag: "k26"; own26: { value: number } }
interface Kind27 extends Tagged { tag: "k27"; own27: { value: number } }
interface Kind28 extends Tagged { tag: "k28"; own28: { value: number } }
interface Kind29 extends Tagged { tag: "k29"; own29: { value: number } }
interface Kind30 extends Tagged { tag: "k30"; own30: { value: number } }
interface Kind31 extends Tagged { tag: "k31"; own31: { value: number } }
interface Kind32 extends Tagged { tag: "k32"; own32: { value: number } }
interface Kind33 extends Tagged { tag: "k33"; own33: { value: number } }
interface Kind34 extends Tagged { tag: "k34"; own34: { value: number } }
interface Kind35 extends Tagged { tag: "k35"; own35: { value: number } }
interface Kind36 extends Tagged { tag: "k36"; own36: { value: number } }
interface Kind37 extends Tagged { tag: "k37"; own37: { value: number } }
interface Kind38 extends Tagged { tag: "k38"; own38: { value: number } }
interface Kind39 extends Tagged { tag: "k39"; own39: { value: number } }
type All = Kind0 | Kind1 | Kind2 | Kind3 | Kind4 | Kind5 | Kind6 | Kind7 | Kind8 | Kind9 | Kind10 | Kind11 | Kind12 | Kind13 | Kind14 | Kind15 | Kind16 | Kind17 | Kind18 | Kind19 | Kind20 | Kind21 | Kind22 | Kind23 | Kind24 | Kind25 | Kind26 | Kind27 | Kind28 | Kind29 | Kind30 | Kind31 | Kind32 | Kind33 | Kind34 | Kind35 | Kind36 | Kind37 | Kind38 | Kind39;
declare const last: Extract<All, { tag: "k39" }>;
last.own39.value;
//   ^ leads to Kind39.own39
//         ^ leads to own39.value
type Named<T extends string> = [Extract<All, { tag: T }>] extends [never] ? Tagged : Extract<All, { tag: T }>;
declare const named: Named<"k30">;
named.own30.value;
//    ^ leads to Kind30.own30
