import { slug, type Product } from "./product.js";
import seed from "./seed.json";

type Listener = (sku: string, left: number) => void;

/** Thrown when more is taken than there is. */
export class OutOfStock extends Error {
  static readonly status = 409;

  constructor(readonly sku: string) {
    super(`${sku} is sold out`);
  }
}

/** What lies on the shelves. */
export class Inventory {
  #stock = new Map<string, number>();
  private listeners: Listener[] = [];

  /** The inventory of the first day. */
  static opening(): Inventory {
    const inventory = new Inventory();
    for (const [sku, count] of Object.entries(seed)) {
      inventory.put(sku, count);
    }
    return inventory;
  }

  get size(): number {
    return this.#stock.size;
  }

  available(product: Product): number {
    return this.#stock.get(product.sku) ?? 0;
  }

  put(sku: string, count: number): void {
    this.#stock.set(sku, (this.#stock.get(sku) ?? 0) + count);
  }

  /** Takes lamps off the shelf, or none of them. */
  take(product: Product, count = 1): void {
    const left = this.available(product) - count;
    if (left < 0) {
      throw new OutOfStock(product.sku);
    }
    this.#stock.set(product.sku, left);
    this.notify(product.sku, left);
  }

  onChange(listener: Listener): () => void {
    this.listeners.push(listener);
    return () => {
      this.listeners = this.listeners.filter((other) => other !== listener);
    };
  }

  private notify(sku: string, left: number): void {
    for (const listener of this.listeners) {
      listener(sku, left);
    }
  }
}

/** A sentence for the shelf label. */
export function label(product: Product, inventory: Inventory): string {
  const left = inventory.available(product);
  return `${slug(product)}: ${left === 0 ? "sold out" : `${left} left`}`;
}
