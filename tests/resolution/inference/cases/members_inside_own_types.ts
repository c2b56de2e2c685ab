class Node<T> {
  next: Node<T> | null = null;
  constructor(public value: T) {}
  last(): Node<T> { return this.next ? this.next.last() : this; }
//                                               ^ leads to Node.last
  values(): T[] { return [this.value, ...(this.next?.values() ?? [])]; }
//                             ^ leads to Node.value
//                                                   ^ leads to Node.values
}
class Cart { pay() {} }
const node = new Node(new Cart());
node.last().value.pay();
//   ^ leads to Node.last
//          ^ leads to Node.value
//                ^ leads to Cart.pay
node.values()[0].pay();
//               ^ leads to Cart.pay
node.next?.next?.value.pay();
//               ^ leads to Node.value
//                     ^ leads to Cart.pay
