class Cart { pay() {} }
declare const some: any, other: unknown;
some.pay();
//   ^ unknown
(other as any).pay();
//             ^ unknown
function run(given: any, list: any[], of: Record<string, any>) {
  given.pay();
//      ^ unknown
  list[0].pay();
//        ^ unknown
  of.x.pay();
//     ^ unknown
}
const parsed = JSON.parse('');
Cart; run; parsed;
