class Cart { pay() {} kind = 1; }
class Shop { sell() {} kind = 2; }
function make(kind: string) {
  if (kind === 'a') return new Cart();
  if (kind === 'b') return undefined;
  return new Shop();
}
make('')?.kind;
//        ^ heuristic Cart.kind or Shop.kind
function find(kind: string) {
  switch (kind) { case 'a': return new Cart(); default: throw new Error(); }
}
find('').kind;
//       ^ leads to Cart.kind
function attempt() { try { return new Cart(); } finally { make(''); } }
attempt().kind;
//        ^ leads to Cart.kind
