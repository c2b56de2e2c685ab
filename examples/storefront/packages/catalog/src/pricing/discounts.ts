import { type Money, zero } from "../money";

export type Discount = { kind: "percent"; percent: number } | { kind: "flat"; off: Money };

/** The price after a discount, never below zero. */
export function discounted(price: Money, discount: Discount): Money {
  const off = discount.kind === "flat" ? discount.off.cents : share(price, discount.percent);
  return { ...price, cents: Math.max(zero.cents, price.cents - off) };
}

function share(price: Money, percent: number): number {
  return Math.round((price.cents * percent) / 100);
}
