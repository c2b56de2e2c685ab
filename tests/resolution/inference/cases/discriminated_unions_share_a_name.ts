interface Ok { ok: true; value: Cart }
interface Bad { ok: false; value: Failure }
interface Cart { id: number }
interface Failure { code: number }
declare const result: Ok | Bad;
if (result.ok) result.value.id;
//                    ^ leads to Ok.value
//                          ^ leads to Cart.id
else result.value.code;
//          ^ leads to Bad.value
//                ^ leads to Failure.code
