interface Request<R = unknown> { body: R }
interface Reply<R = unknown> { send(): Reply<R> }
type Handler<R = unknown> = (request: Request<R>, reply: Reply<R>) => void;
interface Options<R = unknown> { handler: Handler<R> }
interface Route {
  <R = unknown>(path: string, options: Options<R>, handler: Handler<R>): Server;
  <R = unknown>(path: string, handler: Handler<R>): Server;
  <R = unknown>(path: string, options: Options<R>): Server;
}
interface Server { get: Route; on(done: (request: Request) => void): void; on(name: string, done: (reply: Reply) => void): void }
declare const server: Server;
server.get('/', (request, reply) => { request.body; reply.send().send(); });
//                                            ^ leads to Request.body
//                                                        ^ leads to Reply.send
//                                                               ^ leads to Reply.send
server.get('/', { handler(request, reply) { reply.send(); } });
//                                                ^ leads to Reply.send
server.get('/', { handler(request, reply) { reply.send(); } }, (request) => request.body);
//                                                ^ leads to Reply.send
//                                                                                  ^ leads to Request.body
server.on((request) => request.body);
//                             ^ leads to Request.body
server.on('sent', (reply) => reply.send());
//                                 ^ leads to Reply.send
function pick(at: number, by?: (request: Request) => void): Request;
function pick(at: (reply: Reply) => void): Reply;
function pick(at: unknown): unknown { return at; }
pick(1).body;
//      ^ leads to Request.body
pick((reply) => reply.send()).send();
//                    ^ leads to Reply.send
//                            ^ leads to Reply.send
