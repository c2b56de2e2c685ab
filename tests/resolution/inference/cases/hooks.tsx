class Cart { pay() {} }
interface State { cart: Cart; open: boolean }
function useShop() { const cart = new Cart(); return { cart, open: () => cart.pay() }; }
//                                                                            ^ leads to Cart.pay
function usePair(): [Cart, (next: Cart) => void] { throw 1; }
function useThing() { return [new Cart(), 1] as const; }
export function Page() {
  const { cart, open } = useShop();
//        ^ leads to cart@3
//              ^ leads to open@3
  cart.pay();
//     ^ leads to Cart.pay
  const [first, setFirst] = usePair();
  first.pay();
//      ^ leads to Cart.pay
  const [thing] = useThing();
  thing.pay();
//      ^ leads to Cart.pay
  open(); setFirst(first);
  return null as unknown as State;
}
Page().cart.pay();
//     ^ leads to State.cart
//          ^ leads to Cart.pay
