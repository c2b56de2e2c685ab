// What a package is nobody knows here, but for what is added to it.
// @file: plugin.ts
import 'fastify';
export interface User { name: string }
declare module 'fastify' {
  interface FastifyRequest { user: User }
  interface FastifyInstance { guard(): User }
}
declare module 'fastify/types' {
  interface Reply { user: User }
}
// @file: other/plugin.ts
import 'fastify';
declare module 'fastify' {
  interface FastifyInstance { guard(): string; mark: string }
}
// @file: main.ts
import { FastifyRequest, Other } from 'fastify';
import type { FastifyRequest as Deeper } from 'fastify/types';
import * as all from 'fastify';
declare const request: FastifyRequest;
//                     ^ external
request.user.name;
//      ^ leads to FastifyRequest.user
//           ^ leads to User.name
request.body.user;
//      ^ external
//           ^ external
declare const instance: all.FastifyInstance;
instance.guard().name;
//       ^ heuristic FastifyInstance.guard@15
//               ^ leads to User.name
declare const other: Other;
other.user;
//    ^ external
declare const deeper: Deeper;
deeper.user;
//     ^ external
interface Mine extends FastifyRequest { own: 1 }
declare const mine: Mine;
mine.user.name;
//   ^ leads to FastifyRequest.user
//        ^ leads to User.name
class Handler extends FastifyRequest { read() { return this.user.name; } }
//                                                          ^ leads to FastifyRequest.user
//                                                               ^ leads to User.name
instance.mark;
//       ^ leads to FastifyInstance.mark
