"""Programs that nobody writes by hand: too deep, too wide, or made to multiply.

Each ends with a use of `Cart.pay`. That it leads there is fine, and so is that nothing is said;
what matters is that the linker ends, and never names another declaration.
"""

from __future__ import annotations

import pytest
from tests.resolution.inference.cases import linked

from indexer.resolution.inference import evaluate
from indexer.resolution.inference.assignability import Assignability
from indexer.resolution.inference.evaluate import Inference
from indexer.resolution.inference.members import TypeMembers
from indexer.resolution.rows import Resolution

CART = "class Cart { pay() { return this; } next!: Cart; }\n"


def numbered(count: int, line: str) -> str:
    """A line for each number, `{i}` in it and `{j}` for the next."""
    return "\n".join(line.replace("{i}", str(i)).replace("{j}", str(i + 1)) for i in range(count))


def chain(links: int) -> str:
    return f"new Cart(){'.pay()' * links};"


def steps(links: int) -> str:
    return f"declare const cart: Cart;\ncart{'.next' * links}.pay();"


def nested_calls(depth: int) -> str:
    return f"function f<T>(of: T) {{ return of; }}\n{'f(' * depth}new Cart(){')' * depth}.pay();"


def nested_types(depth: int) -> str:
    written = f"{'Box<' * depth}Cart{'>' * depth}"
    return f"class Box<T> {{ v!: T }}\ndeclare const b: {written};\nb{'.v' * depth}.pay();"


def heirs(count: int) -> str:
    between = numbered(count, "class C{i} extends C{j} {}")
    return f"{between}\nclass C{count} extends Cart {{}}\nnew C0().pay();"


def variables(count: int) -> str:
    return f"const v0 = new Cart();\n{numbered(count, 'const v{j} = v{i};')}\nv{count}.pay();"


def functions(count: int) -> str:
    calls = numbered(count, "function f{i}() { return f{j}(); }")
    return f"{calls}\nfunction f{count}() {{ return new Cart(); }}\nf0().pay();"


def aliases(count: int) -> str:
    written = numbered(count, "type T{j} = T{i};")
    return f"type T0 = Cart;\n{written}\ndeclare const t: T{count};\nt.pay();"


def spreads(count: int) -> str:
    objects = numbered(count, "const o{j} = { ...o{i}, k{i}: 1 };")
    return f"const o0 = {{ cart: new Cart() }};\n{objects}\no{count}.cart.pay();"


def elements(count: int) -> str:
    return f"const list = [{'new Cart(), ' * count}];\nlist[0].pay();"


def union_of_classes(count: int) -> str:
    classes = numbered(count, "class U{i} extends Cart {}")
    members = " | ".join(f"U{i}" for i in range(count))
    return f"{classes}\ndeclare const u: {members};\nu.pay();"


def promises(links: int) -> str:
    return f"Promise.resolve(new Cart()){'.then((c) => c.pay())' * links}.then((c) => c.pay());"


def doubled_types(depth: int) -> str:
    written = numbered(depth, "type Q{j} = P<Q{i}, Q{i}>;")
    return (
        f"class P<A, B> {{ a!: A; b!: B }}\ntype Q0 = Cart;\n{written}\n"
        f"declare const q: Q{depth};\nq{'.a' * depth}.pay();"
    )


def doubled_tuples(depth: int) -> str:
    written = numbered(depth, "type Q{j} = P<Q{i}>;")
    return (
        f"type P<T> = [T, T];\ntype Q0 = Cart;\n{written}\n"
        f"declare const q: Q{depth};\nq{'[0]' * depth}.pay();"
    )


def doubled_objects(depth: int) -> str:
    calls = numbered(depth, "const q{j} = p(q{i}, q{i});")
    return (
        f"function p<A, B>(a: A, b: B) {{ return {{ a, b }}; }}\nconst q0 = new Cart();\n{calls}\n"
        f"q{depth}{'.a' * depth}.pay();"
    )


def doubled_by_itself(depth: int) -> str:
    return (
        "class P<A, B> { a!: A; d(): P<P<A, B>, P<A, B>> { throw 1; } }\n"
        f"declare const q: P<Cart, Cart>;\nq{'.d()' * depth}{'.a' * depth}.a.pay();"
    )


def doubled_unions(depth: int) -> str:
    return (
        numbered(depth, "class D{i} { x!: D{j} | E{j} }\nclass E{i} { x!: D{j} | E{j} }")
        + f"\nclass D{depth} extends Cart {{}}\nclass E{depth} extends Cart {{}}\n"
        + f"declare const q: D0 | E0;\nq{'.x' * depth}.pay();"
    )


KINDS = "interface K{i} { kind: {i}; pay: 1 }"


def early_returns(count: int) -> str:
    kinds = " | ".join(f"K{i}" for i in range(count))
    looks = numbered(count, "  if (of.kind === {i}) return of.kind;")
    return (
        f"{numbered(count, KINDS)}\ntype K = Cart & {{ kind: 'cart' }} | {kinds};\n"
        f"function f(of: K) {{\n{looks}\n  of.pay();\n}}"
    )


def cases_that_fall_through(count: int) -> str:
    kinds = " | ".join(f"K{i}" for i in range(count))
    cases = numbered(count, "    case {i}: of.kind;")
    return (
        f"{numbered(count, KINDS)}\ntype K = Cart & {{ kind: 'cart' }} | {kinds};\n"
        f"function f(of: K) {{\n  switch (of.kind) {{\n{cases}\n      break;\n"
        "    case 'cart': of.pay();\n  }\n}"
    )


def conditions_in_a_row(count: int) -> str:
    return f"declare const of: unknown;\n{'of instanceof Cart && ' * count}of.pay();"


def conditions_in_each_other(depth: int) -> str:
    return (
        f"function f(of: any) {{ {'if (of instanceof Cart) { ' * depth}of.pay();{' }' * depth} }}"
    )


def unions_of_themselves(count: int) -> str:
    written = numbered(count, "type R{i} = { kind: {i} } & (R{i} | R{j});")
    return (
        f"{written}\ntype R{count} = Cart & {{ kind: {count} }};\n"
        f"function f(of: R0) {{ if (of.kind === {count}) of.pay(); }}"
    )


def literals_of_aliases(count: int) -> str:
    return (
        f"type L0 = 'cart';\n{numbered(count, 'type L{j} = L{i};')}\n"
        f"interface K {{ kind: 'other'; pay: 1 }}\ninterface C extends Cart {{ kind: L{count} }}\n"
        "function f(of: C | K) { if (of.kind === 'cart') of.pay(); }"
    )


def last_use(text: str):
    linker = linked([("case.ts", CART + text)])
    symbols = list(linker.symbols())
    row = list(linker.references())[-1]
    assert row.name == "pay"
    return None if row.symbol_no is None else symbols[row.symbol_no], Resolution(row.resolution)


@pytest.mark.parametrize(
    ("write", "size"),
    [
        (chain, 2_000),
        (steps, 2_000),
        (nested_calls, 2_000),
        (nested_types, 1_000),
        (heirs, 1_000),
        (variables, 1_000),
        (functions, 1_000),
        (aliases, 1_000),
        (spreads, 500),
        (elements, 5_000),
        (union_of_classes, 1_000),
        (promises, 200),
        (doubled_types, 40),
        (doubled_tuples, 40),
        (doubled_objects, 30),
        (doubled_by_itself, 10),
        (doubled_unions, 40),
        (early_returns, 1_000),
        (cases_that_fall_through, 1_000),
        (conditions_in_a_row, 2_000),
        (conditions_in_each_other, 1_000),
        (unions_of_themselves, 100),
        (literals_of_aliases, 1_000),
    ],
)
def test_what_goes_too_far_ends_and_is_never_answered_wrongly(write, size):
    symbol, resolution = last_use(write(size))
    if symbol is None:
        assert resolution == Resolution.UNKNOWN_RECEIVER
    else:
        assert (symbol.name, symbol.line) == ("pay", 1)


@pytest.mark.parametrize(
    ("write", "size"),
    [
        (chain, 20),
        (steps, 40),
        (nested_calls, 10),
        (nested_types, 10),
        (heirs, 12),
        (variables, 20),
        (functions, 12),
        (aliases, 20),
        (spreads, 10),
        (elements, 50),
        (union_of_classes, 8),
        (promises, 6),
        (doubled_types, 8),
        (doubled_tuples, 8),
        (doubled_objects, 4),
        (doubled_by_itself, 3),
        (doubled_unions, 8),
        (early_returns, 40),
        (cases_that_fall_through, 40),
        (conditions_in_a_row, 20),
        (conditions_in_each_other, 10),
        (literals_of_aliases, 8),
    ],
)
def test_what_a_person_may_write_is_answered(write, size):
    symbol, _ = last_use(write(size))
    assert symbol is not None
    assert (symbol.name, symbol.line) == ("pay", 1)


CIRCLES = [
    "class A extends B {}\nclass B extends A {}\ndeclare const a: A;\n",
    "interface A extends B {}\ninterface B extends A {}\ndeclare const a: A;\n",
    "type A = B;\ntype B = A;\ndeclare const a: A;\n",
]


@pytest.mark.parametrize("circle", CIRCLES)
@pytest.mark.parametrize("use", ["a.gone.pay;", "(await a).pay;", "a.gone().pay;"])
def test_types_that_are_each_other_have_no_members(circle, use):
    assert last_use(circle + use) == (None, Resolution.UNKNOWN_RECEIVER)


@pytest.mark.parametrize("circle", CIRCLES)
@pytest.mark.parametrize("use", ["a[0].pay;", "a().pay;", "for (const b of a) b.pay;"])
def test_types_that_are_each_other_have_no_elements_and_no_results(circle, use):
    assert last_use(circle + use) == (None, Resolution.UNKNOWN_RECEIVER)


def counted(owner, name, text, monkeypatch) -> int:
    """How often a method is called to link a text."""
    calls = 0
    original = getattr(owner, name)

    def counting(*arguments, **named):
        nonlocal calls
        calls += 1
        return original(*arguments, **named)

    with monkeypatch.context() as patched:
        patched.setattr(owner, name, counting)
        list(linked([("case.ts", CART + text)]).references())
    return calls


def lattice(rows: int) -> str:
    """Interfaces that each extend the next two; what is asked for is in none of them."""
    bases = numbered(rows, "interface J{i} extends J{j}, K{j} {}\ninterface K{i} extends J{j} {}")
    ends = f"interface J{rows} {{}}\ninterface K{rows} {{}}"
    return f"{bases}\n{ends}\ndeclare const j: J0;\nj.gone;\nnew Cart().pay();"


def test_bases_that_are_reached_by_many_ways_are_looked_into_once(monkeypatch):
    small = counted(TypeMembers, "_of_instance", lattice(6), monkeypatch)
    large = counted(TypeMembers, "_of_instance", lattice(12), monkeypatch)
    assert large <= 4 * small


def tangle(count: int) -> str:
    """Functions that give what others give, all round."""
    bodies = "\n".join(
        f"function f{i}() {{ return f{(i * 7 + 1) % count}() || f{(i * 13 + 5) % count}(); }}"
        for i in range(count)
    )
    return f"{bodies}\n{numbered(count, 'f{i}().pay();')}"


def test_functions_that_lead_back_to_each_other_cost_no_more_than_their_bound(monkeypatch):
    monkeypatch.setattr(evaluate, "MAX_STEPS", 400)
    monkeypatch.setattr(evaluate, "MANY_STEPS", 40)
    monkeypatch.setattr(evaluate, "MAX_STEPS_OF_MANY", 4_000)
    unbounded = 80 * 400
    assert counted(Inference, "enter", tangle(80), monkeypatch) < unbounded / 2


def within_itself(parts: int) -> str:
    """Overloads told apart by a type parameter that extends a tuple of itself, given such."""
    of_itself = ", ".join(["T"] * parts)
    values = "\n".join(
        f"const v{at + 1} = [{', '.join([f'v{at}'] * parts)}] as const;" for at in range(8)
    )
    return f"""declare function f<T extends [{of_itself}]>(of: T): Cart;
declare function f<T extends [{of_itself}] | {{ z: 1 }}>(of: T, and?: 1): {{ b: 1 }};
const v0 = [1] as const;
{values}
f(v8).pay();
"""


def test_a_type_parameter_within_itself_is_looked_at_as_often_as_steps_are_left(monkeypatch):
    monkeypatch.setattr(evaluate, "MAX_STEPS", 400)
    assert counted(Assignability, "_extends", CART + within_itself(24), monkeypatch) < 28 * 400


def test_a_type_that_holds_itself_twice_costs_no_more_than_its_depth(monkeypatch):
    small = counted(Inference, "evaluate", CART + doubled_by_itself(6), monkeypatch)
    large = counted(Inference, "evaluate", CART + doubled_by_itself(12), monkeypatch)
    assert large <= 4 * small


def test_the_counts_count_something(monkeypatch):
    assert counted(TypeMembers, "_of_instance", lattice(2), monkeypatch) > 0
    assert counted(Inference, "evaluate", tangle(4), monkeypatch) > 0
    assert counted(Assignability, "_extends", CART + within_itself(2), monkeypatch) > 0
