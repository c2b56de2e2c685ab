// @file: reply.d.ts
export interface Reply { send(): Reply }
export const codes: number;
// @file: server.d.ts
import { Reply, codes } from './reply';
declare namespace serve {
  interface Server { reply: Reply }
  const version: string;
  export const serve: () => Server;
  export { Reply, codes as statusCodes };
  export { serve as default };
}
declare function serve(): serve.Server;
export = serve;
// @file: main.ts
import serve, { Reply, statusCodes, hidden } from './server';
//     ^ leads to serve.serve@9
//              ^ leads to Reply@2
//                     ^ leads to codes@3
serve();
// <- leads to serve.serve@9
const reply: Reply = serve().reply.send();
//                           ^ leads to serve.Server.reply
//                                 ^ leads to Reply.send
reply.send();
//    ^ leads to Reply.send
// @file: old.ts
import serve = require('./server');
serve.statusCodes;
//    ^ leads to codes@3
serve.version;
//    ^ leads to serve.version
