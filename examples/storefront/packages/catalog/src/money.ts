/** An amount in the smallest unit of its currency, so that nothing is ever rounded twice. */
export interface Money {
  readonly cents: number;
  readonly currency: Currency;
}

export type Currency = "EUR" | "USD";

export const zero: Money = { cents: 0, currency: "EUR" };

/** Thrown when amounts of two currencies meet. */
export class CurrencyMismatch extends Error {
  constructor(
    readonly left: Currency,
    readonly right: Currency,
  ) {
    super(`cannot add ${right} to ${left}`);
    this.name = "CurrencyMismatch";
  }
}

/** Adds two amounts of one currency. */
export function add(left: Money, right: Money): Money {
  if (left.currency !== right.currency) {
    throw new CurrencyMismatch(left.currency, right.currency);
  }
  return { ...left, cents: left.cents + right.cents };
}

/**
 * The sum of any number of amounts.
 *
 * @throws CurrencyMismatch when they are not all of one currency
 */
export function total(amounts: Iterable<Money>, currency: Currency = "EUR"): Money {
  let sum: Money = { cents: 0, currency };
  for (const amount of amounts) {
    sum = add(sum, amount);
  }
  return sum;
}

/** As a customer reads it: `12,50 EUR`. */
export const format = ({ cents, currency }: Money): string =>
  `${(cents / 100).toFixed(2).replace(".", ",")} ${currency}`;
