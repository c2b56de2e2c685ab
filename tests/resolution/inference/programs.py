"""Random small programs of three modules, each using all the others; only bases go one way."""

from __future__ import annotations

import re
from typing import NamedTuple

from hypothesis import strategies as st

MODULES = 3
_NAMES = st.sampled_from([f"{kind}{at}" for kind in "CITvf" for at in range(MODULES)])
_OF = [str(at) for at in range(MODULES)]
_CLASSES = st.sampled_from([f"C{at}" for at in _OF])
_FIELDS = st.sampled_from("xyz")


def _types(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        inner.map(lambda one: f"({one})[]"),
        inner.map(lambda one: f"Promise<{one}>"),
        inner.map(lambda one: f"Partial<{one}>"),
        inner.map(lambda one: f"Map<string, {one}>"),
        inner.map(lambda one: f"(q: {one}) => {one}"),
        inner.map(lambda one: f"{{ x: {one}; y(q: {one}): void }}"),
        inner.map(lambda one: f"({one})['x']"),
        st.tuples(_CLASSES, inner).map(lambda one: f"{one[0]}<{one[1]}>"),
        st.tuples(inner, inner).map(lambda one: f"{one[0]} | {one[1]}"),
        st.tuples(inner, inner).map(lambda one: f"[{one[0]}, {one[1]}]"),
        st.tuples(inner, inner).map(lambda one: f"({one[0]}) & ({one[1]})"),
    )


TYPES = st.recursive(
    st.one_of(
        st.sampled_from(["T", "any", "null", "string", "'x'", "this"]),
        st.sampled_from([f"{kind}{at}" for kind in "CIT" for at in _OF]),
        st.sampled_from([f"typeof {kind}{at}" for kind in "Cvf" for at in _OF]),
        st.sampled_from([f"ReturnType<typeof f{at}>" for at in _OF]),
    ),
    _types,
    max_leaves=4,
)


def _values(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pair = st.tuples(inner, inner)
    return st.one_of(
        st.tuples(inner, _FIELDS).map(lambda one: f"{one[0]}.{one[1]}"),
        st.tuples(inner, _FIELDS).map(lambda one: f"{one[0]}.{one[1]}()"),
        st.tuples(inner, TYPES).map(lambda one: f"({one[0]} as {one[1]})"),
        inner.map(lambda one: f"{one}[0]"),
        inner.map(lambda one: f"(await {one})"),
        inner.map(lambda one: f"(() => {one})"),
        inner.map(lambda one: f"[{one}].map((q) => q.x)"),
        inner.map(lambda one: f"{one}.then((q) => q.y)"),
        pair.map(lambda one: f"({one[0]} ?? {one[1]})"),
        pair.map(lambda one: f"[{one[0]}, ...{one[1]}]"),
        pair.map(lambda one: f"({{ x: {one[0]}, ...{one[1]} }})"),
        pair.map(lambda one: f"({one[0]})({one[1]})"),
        st.tuples(_CLASSES, inner).map(lambda one: f"new {one[0]}({one[1]})"),
    )


VALUES = st.recursive(
    st.one_of(_NAMES, _CLASSES.map(lambda one: f"new {one}()"), st.sampled_from(["this", "q"])),
    _values,
    max_leaves=4,
)


class Written(NamedTuple):
    """What one module of a program holds."""

    types: list[str]
    values: list[str]

    def text(self, at: int, modules: list[str]) -> str:
        """The module of number `at`; `modules` are the names of all of them."""
        imports = "".join(
            f"import {{ C{one}, I{one}, T{one}, v{one}, f{one} }} from './{name}';\n"
            for one, name in enumerate(modules)
            if one != at
        )
        a, b, c, alias = self.types
        # What is circular by itself is tried by name, in `test_bounds.py`.
        d = re.sub(r"\bT(\d)", lambda one: one[0] if int(one[1]) < at else f"C{one[1]}", alias)
        one, two, three, four = self.values
        extends = f" extends C{at - 1}<T>" if at else ""
        return (
            f"{imports}export class C{at}<T = any>{extends} {{\n"
            f"  x!: {a};\n  y = {one};\n  z(q: {b}) {{ return {two}; }}\n}}\n"
            f"export interface I{at}<T = any>{extends} {{ x: {b}; y(q: T): {c} }}\n"
            f"export type T{at}<T = any> = {d};\n"
            f"export const v{at} = {three};\n"
            f"export function f{at}<T>(q: T) {{ const {{ x, y: [z] }} = {four}; z.x; "
            f"if (x.x === 'x' || x instanceof C{at}) x.y; else if ('y' in x) {{ x.z; return x; }} "
            f"return x.x ? x.y : x; }}\n"
        )


PROGRAMS = st.lists(
    st.builds(
        Written,
        types=st.lists(TYPES, min_size=4, max_size=4),
        values=st.lists(VALUES, min_size=4, max_size=4),
    ),
    min_size=MODULES,
    max_size=MODULES,
)
ASKED = st.lists(VALUES, min_size=1, max_size=6)


def asking(values: list[str], modules: list[str]) -> str:
    """A file that nothing imports and that asks for members of values."""
    imports = "".join(
        f"import {{ C{at}, v{at}, f{at} }} from './{name}';\n" for at, name in enumerate(modules)
    )
    return imports + "".join(f"({value}).x;\n" for value in values)
