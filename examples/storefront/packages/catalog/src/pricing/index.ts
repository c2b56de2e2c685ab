export { discounted, type Discount } from "./discounts";
export { default as withTax } from "./tax";
