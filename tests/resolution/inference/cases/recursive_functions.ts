class Cart { pay() {} }
function deep(n: number): Cart { return n ? deep(n - 1) : new Cart(); }
deep(1).pay();
//      ^ leads to Cart.pay
interface Tree { children: Tree[]; value: Cart }
function walk(tree: Tree) { tree.children.forEach((child) => { child.value.pay(); walk(child); }); }
//                               ^ leads to Tree.children
//                                                                   ^ leads to Tree.value
//                                                                         ^ leads to Cart.pay
walk;
