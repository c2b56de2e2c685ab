import type { Money } from "./money";

export enum Glow {
  Candle = 2200,
  Evening = 2700,
  Daylight = 5500,
}

export interface Product {
  sku: string;
  name: string;
  price: Money;
  glow: Glow;
  tags: string[];
}

/** Where a product is shown; it never changes, so it may stand in links. */
export function slug(product: Pick<Product, "name" | "sku">): string {
  const words = product.name.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  return [...words, product.sku].join("-");
}

/** Whether a lamp is warm enough for a bedroom. */
export function isWarm(product: Product): boolean {
  return product.glow <= Glow.Evening;
}
