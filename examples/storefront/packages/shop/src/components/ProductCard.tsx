import { format, isWarm, slug, type Product } from "@storefront/catalog";

interface ProductCardProps {
  product: Product;
  onBuy: () => void;
}

/** One lamp in the list. */
export default function ProductCard({ product, onBuy }: ProductCardProps) {
  return (
    <article id={slug(product)} className={isWarm(product) ? "warm" : "cold"}>
      <h2>{product.name}</h2>
      <p>{format(product.price)}</p>
      <button onClick={onBuy}>Take it home</button>
    </article>
  );
}
