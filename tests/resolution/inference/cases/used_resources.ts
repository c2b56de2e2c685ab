class Lock { free() {} [Symbol.dispose]() {} }
class Room { close() {} async [Symbol.asyncDispose]() {} }
declare function enter(): Promise<Room>;
async function run() {
  using lock = new Lock();
  lock.free();
//     ^ leads to Lock.free
  await using room = await enter();
  room.close();
//     ^ leads to Room.close
}
run();
using held = new Lock();
held.free();
//   ^ leads to Lock.free
// @file: plain.js
import { make } from './make.js';
using made = make();
made.free();
//   ^ leads to free@23
// @file: make.js
export function make() {
  return { free() {}, [Symbol.dispose]() {} };
}
