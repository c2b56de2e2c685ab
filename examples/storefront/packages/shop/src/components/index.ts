export { CartBadge } from "./CartBadge";
export { default as ProductCard } from "./ProductCard";
