class Cart { pay() {} next = this; }
const one = new Cart(), two = one, three = two;
three.pay();
//    ^ leads to Cart.pay
let four = three.next;
four.pay();
//   ^ leads to Cart.pay
var five = four; var six = five.next.next;
six.pay();
//  ^ leads to Cart.pay
