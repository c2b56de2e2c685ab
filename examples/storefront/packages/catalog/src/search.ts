import { isWarm, type Product } from "./product";

interface Query {
  words: string[];
  warmOnly: boolean;
}

function parse(text: string): Query {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return {
    words: words.filter((word) => word !== "warm"),
    warmOnly: words.includes("warm"),
  };
}

function matches(product: Product, { words, warmOnly }: Query): boolean {
  if (warmOnly && !isWarm(product)) return false;
  const haystack = [product.name, ...product.tags].join(" ").toLowerCase();
  return words.every((word) => haystack.includes(word));
}

/** Products that hold every word; `warm` keeps the cold ones out. */
export function search(products: readonly Product[], text: string): Product[] {
  const query = parse(text);
  return products.filter((product) => matches(product, query));
}
