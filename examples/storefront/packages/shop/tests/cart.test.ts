import { expect, test } from "vitest";
import { Glow, Inventory, OutOfStock, type Product } from "@storefront/catalog";
import { Cart } from "../src/cart/cart";
import { checkout } from "@/checkout/checkout";

const lantern: Product = {
  sku: "ML-002",
  name: "Storm lantern",
  price: { cents: 4900, currency: "EUR" },
  glow: Glow.Candle,
  tags: ["outdoor"],
};

test("a cart takes no more than there is", () => {
  const cart = new Cart(Inventory.opening());
  cart.add(lantern, 3);
  expect(() => cart.add(lantern)).toThrow(OutOfStock);
});

test("a receipt has tax and shipping on it", () => {
  const cart = new Cart(Inventory.opening());
  cart.add(lantern);
  expect(checkout(cart, { email: "moth@example.com", country: "DE" }).due.cents).toBe(6321);
});
