export type CartEvent =
  | { type: "added"; sku: string; count: number }
  | { type: "emptied" };

export type Handler<Event> = (event: Event) => void;

/** Tells whoever listens. */
export abstract class Emitter<Event> {
  private readonly handlers = new Set<Handler<Event>>();

  on(handler: Handler<Event>): () => void {
    this.handlers.add(handler);
    return () => this.handlers.delete(handler);
  }

  protected emit(event: Event): void {
    this.handlers.forEach((handler) => handler(event));
  }
}
