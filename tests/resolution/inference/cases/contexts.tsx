import { createContext, useContext, useMemo } from 'react';
interface Shop { pay(): void }
const Context = createContext<Shop | null>(null);
export function useShop(): Shop { const shop = useContext(Context); if (!shop) throw 1; return shop; }
export function Page() { const shop = useShop(); shop.pay(); const { pay } = useShop(); pay(); return useMemo(() => 1, []); }
//                                                    ^ leads to Shop.pay
//                                                                   ^ leads to Shop.pay
