class Cart { pay() {} }
nowhere.pay();
//      ^ external
nowhere().cart.pay();
//             ^ external
import { lost } from './gone';
lost.pay();
//   ^ unresolved module
Cart;
