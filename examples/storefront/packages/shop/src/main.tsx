import { createRoot } from "react-dom/client";
import { Inventory, searchProducts } from "@storefront/catalog";
import { CartBadge, ProductCard } from "@/components";
import { fetchProducts } from "@/api/client";
import { Cart } from "@/cart/cart";

const inventory = Inventory.opening();
const cart = new Cart(inventory);

async function start(element: HTMLElement): Promise<void> {
  const products = searchProducts(await fetchProducts(), location.hash.slice(1));
  createRoot(element).render(
    <main>
      <CartBadge cart={cart} />
      {products.map((product) => (
        <ProductCard key={product.sku} product={product} onBuy={() => cart.add(product)} />
      ))}
    </main>,
  );
}

void start(document.body);
