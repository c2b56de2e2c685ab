import { useState, useRef } from 'react';
class Cart { pay() {} }
const [cart, setCart] = useState<Cart | null>(null);
setCart.name;
//      ^ external
const found = [new Cart()].find(Boolean);
found!.pay();
//     ^ leads to Cart.pay
cart; useRef;
