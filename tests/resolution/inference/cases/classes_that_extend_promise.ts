class Cart { pay() {} }
class Task<T> extends Promise<T> { cancel() {} }
declare const task: Task<Cart>;
async function run() {
  (await task).pay();
//             ^ leads to Cart.pay
  task.cancel();
//     ^ leads to Task.cancel
  task.then((cart) => cart.pay());
//                         ^ leads to Cart.pay
  task.finally();
//     ^ external
}
run;
