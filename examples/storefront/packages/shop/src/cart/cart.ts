import { total, type Inventory, type Money, type Product } from "@storefront/catalog";
import { Emitter, type CartEvent } from "./events.js";

interface Line {
  product: Product;
  count: number;
}

/** What a customer is about to buy. Lamps in it are taken off the shelf at once. */
export class Cart extends Emitter<CartEvent> {
  private readonly lines = new Map<string, Line>();

  constructor(private readonly inventory: Inventory) {
    super();
  }

  /** Adds lamps of one kind; throws what the inventory throws. */
  add(product: Product, count = 1): void {
    this.inventory.take(product, count);
    const line = this.lines.get(product.sku) ?? { product, count: 0 };
    line.count += count;
    this.lines.set(product.sku, line);
    this.emit({ type: "added", sku: product.sku, count });
  }

  empty(): void {
    for (const { product, count } of this.lines.values()) {
      this.inventory.put(product.sku, count);
    }
    this.lines.clear();
    this.emit({ type: "emptied" });
  }

  get count(): number {
    return [...this.lines.values()].reduce((sum, line) => sum + line.count, 0);
  }

  /** The price of everything in it, before tax. */
  price(): Money {
    return total([...this.lines.values()].map(costOf));
  }
}

function costOf({ product, count }: Line): Money {
  return { ...product.price, cents: product.price.cents * count };
}
