interface Handler<E> { handle(event: E): void }
class Opened { door = 1; }
class OnOpened implements Handler<Opened> { handle(event: Opened) { event.door; } }
//                                                                        ^ leads to Opened.door
const handlers: Handler<Opened>[] = [new OnOpened()];
handlers.forEach((one) => one.handle(new Opened()));
//                            ^ leads to Handler.handle
const inline: Handler<Opened> = { handle: (event) => event.door };
//                                                         ^ leads to Opened.door
inline.handle(new Opened());
//     ^ leads to Handler.handle
