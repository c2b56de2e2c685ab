export * from "./product";
export * from "./inventory";
export { format, total, type Money } from "./money";
export { search as searchProducts } from "./search";
export * as pricing from "./pricing";
