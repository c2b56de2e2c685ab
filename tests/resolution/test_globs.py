"""Patterns over paths, beside a reading of them that is slow and plain."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.resolution.globs import Glob

SEGMENTS = st.one_of(
    st.sampled_from(["**", "*", "?", "src", "*.ts", "a*", "*a", "a*a", "a*b*a", "?a*", "**a"]),
    st.text("ab*?.", min_size=1, max_size=4),
)
NAMES = st.one_of(st.sampled_from(["src", "a.ts", "aa", "a"]), st.text("ab.", min_size=1))


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("src", "src/a/b.ts", True),
        ("src", "src2/a.ts", False),
        ("src/**/*", "src/a/b.ts", True),
        ("src/*", "lib/a.ts", False),
        ("**/*.test.ts", "src/a/one.test.ts", True),
        ("**/*.test.ts", "src/a/one.ts", False),
        ("**/node_modules", "a/node_modules/b/c.ts", True),
        ("**/a*a", "x/a", False),
        ("**/a*a", "x/aa", True),
        ("packages/*/src", "packages/one/src/a.ts", True),
        ("packages/*/src", "packages/one/two/src/a.ts", False),
        ("packages/**/src/*.ts", "packages/one/two/src/a.ts", True),
        ("a/*", "a", False),
        ("src/**/*", "src", False),
        ("src/**", "src", True),
        ("src/**/**", "src/a/b.ts", True),
        ("src/**/**", "lib/a.ts", False),
        ("**/**/a.ts", "b/a.ts", True),
        ("a?.ts", "ab.ts", True),
        ("a?.ts", "a.ts", False),
        ("a*b*c", "a1b2c", True),
        ("a*b*c", "a1c2b", False),
    ],
)
def test_a_pattern_fits_a_path_or_a_folder_around_it(
    pattern: str, path: str, *, fits: bool
) -> None:
    assert Glob(pattern).fits(path) is fits


@given(pattern=st.lists(SEGMENTS, min_size=1, max_size=4), path=st.lists(NAMES, min_size=1))
def test_a_pattern_fits_as_the_expression_that_it_stands_for(
    pattern: list[str], path: list[str]
) -> None:
    expected = re.match("".join(map(_expression, pattern)), "/".join(path) + "/", re.DOTALL)
    assert Glob("/".join(pattern)).fits("/".join(path)) is (expected is not None)


def _expression(segment: str) -> str:
    if segment == "**":
        return "(?:[^/]+/)*"
    wild = {"*": "[^/]*", "?": "[^/]"}
    return "".join(wild.get(one) or re.escape(one) for one in segment) + "/"
