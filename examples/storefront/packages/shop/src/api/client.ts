import { Glow, type Product } from "@storefront/catalog";
// Written by the build from the server's schema, so it is not checked in.
import type { ProductDto } from "./generated/schema";

/** The server sends glow by its name. */
function toProduct(dto: ProductDto): Product {
  return {
    sku: dto.sku,
    name: dto.name,
    price: { cents: dto.cents, currency: "EUR" },
    glow: Glow[dto.glow as keyof typeof Glow],
    tags: dto.tags ?? [],
  };
}

/** Every lamp that is on sale. */
export async function fetchProducts(base = "/api"): Promise<Product[]> {
  const answer = await fetch(`${base}/products`);
  if (!answer.ok) {
    const { report } = await import("./report.js");
    report(answer.status);
    return [];
  }
  const dtos: ProductDto[] = await answer.json();
  return dtos.map(toProduct);
}
