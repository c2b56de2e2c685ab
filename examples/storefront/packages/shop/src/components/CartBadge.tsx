import { useEffect, useState } from "react";
import { format } from "@storefront/catalog";
import type { Cart } from "@/cart/cart";

function useCount(cart: Cart): number {
  const [count, setCount] = useState(cart.count);
  useEffect(() => cart.on(() => setCount(cart.count)), [cart]);
  return count;
}

export const CartBadge = ({ cart }: { cart: Cart }) => {
  const count = useCount(cart);
  return (
    <aside>
      {count} in the basket, {format(cart.price())}
    </aside>
  );
};
