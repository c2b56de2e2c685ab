import type { Money } from "../money";

const rates = { AT: 20, DE: 19, LU: 17 } as const;

export type Country = keyof typeof rates;

/** The price that stands on the receipt. */
export default function withTax(price: Money, country: Country): Money {
  return { ...price, cents: Math.round(price.cents * (1 + rates[country] / 100)) };
}
