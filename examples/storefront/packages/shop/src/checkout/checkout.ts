import { z } from "zod";
import { format, pricing, type Money } from "@storefront/catalog";
import type { Cart } from "@/cart/cart";
import { shippingCost, type Address } from "./shipping";
import { total } from "../../../catalog/src/money";

const Order = z.object({
  email: z.string(),
  country: z.enum(["AT", "DE", "LU"]),
  voucher: z.string().optional(),
});

export type Order = z.infer<typeof Order>;

export interface Receipt {
  due: Money;
  text: string;
}

const vouchers = new Map<string, pricing.Discount>([
  ["MOTH10", { kind: "percent", percent: 10 }],
  ["LANTERN", { kind: "flat", off: { cents: 500, currency: "EUR" } }],
]);

/** Turns a cart into a receipt, and empties it. */
export function checkout(cart: Cart, input: unknown): Receipt {
  const order = Order.parse(input);
  const goods = applyVoucher(cart.price(), order.voucher);
  const taxed = pricing.withTax(goods, order.country);
  const due = total([taxed, shippingCost(addressOf(order), cart.count)]);
  cart.empty();
  return { due, text: `${order.email} owes ${format(due)}` };
}

function applyVoucher(price: Money, code: string | undefined): Money {
  const discount = code === undefined ? undefined : vouchers.get(code);
  return discount ? pricing.discounted(price, discount) : price;
}

function addressOf(order: Order): Address {
  return { country: order.country };
}
