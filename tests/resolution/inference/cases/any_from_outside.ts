class Cart { pay() {} }
const parsed = JSON.parse('');
parsed.pay();
//     ^ wrong: unknown
async function run() {
  const answer = await fetch('');
  answer.status;
//       ^ external
  (await answer.json()).pay();
//                      ^ wrong: unknown
}
Cart; run;
