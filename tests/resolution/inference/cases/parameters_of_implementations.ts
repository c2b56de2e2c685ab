interface Handler { handle(event: Opened): void }
class Opened { door = 1; }
class OnOpened implements Handler { handle(event) { event.door; } }
//                                                        ^ unknown
class Base { run(event: Opened) { event.door; } }
//                                      ^ leads to Opened.door
class Heir extends Base { run(event) { event.door; } }
//                                           ^ unknown
OnOpened; Heir;
