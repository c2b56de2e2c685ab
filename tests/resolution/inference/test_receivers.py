"""Where the members of values lead, by the rules of TypeScript: one small program for each rule.

Each program of `cases/` carries its assertions in comments. `tests/support/carets.py` tells where
a comment points, `cases.py` how a program has several files.

    ^ leads to [CONTAINER.]NAME[@LINE]    for sure to that declaration
    ^ leads to local NAME@LINE            for sure to that line, and not to a symbol of that name
    ^ heuristic NAME or NAME …            to one of these, and not for sure
    ^ external                            to something outside the repository
    ^ unknown                             nothing can be said, and nothing is
    ^ unresolved module                   of a module that is not there
    ^ gap: …                              should be said so, and nothing is said
    ^ wrong: …                            should be said so, and something else is said, or this
                                          more or less surely

What should be said is what the TypeScript compiler says of the program, with these exceptions.
Where a value may be of several types the declaration of one of them will do, but not as sure. What
no declaration tells the compiler may still be known, and is then not unknown: a result that a
function has from other calls of itself, the prototype of an object. And what comes from a package
or from an undeclared name is external, as nothing is installed.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.resolution.inference.cases import (
    CaseRefused,
    Program,
    checked_assertions,
    marker_of,
)

CASES = sorted((Path(__file__).parent / "cases").iterdir())
GAPS = 32
WRONG = 27


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_member_leads_where_the_rules_of_the_language_say(case):
    text = case.read_text()
    assertions = checked_assertions(text)
    program = Program(case.name, text)
    failures = [
        f"{case.name}:{one.at}: {one.text}: {failure}"
        for one in assertions
        if (failure := program.failure(one)) is not None
    ]
    assert not failures, "\n".join(failures)


def test_known_gaps_are_counted():
    markers = [marker_of(one) for case in CASES for one in checked_assertions(case.read_text())]
    assert (markers.count("gap: "), markers.count("wrong: ")) == (GAPS, WRONG)


SMALL = "class Cart { pay() {} }\nnew Cart().pay();\n"


def checked(assertion: str, text: str = SMALL) -> str | None:
    one = checked_assertions(text + assertion)[0]
    return Program("case.ts", text + assertion).failure(one)


@pytest.mark.parametrize(
    "assertion",
    [
        "//         ^ leads to Cart",
        "//         ^ leads to pay@2",
        "//         ^ heuristic Cart.pay",
        "//         ^ external",
        "//         ^ unknown",
        "//         ^ unresolved module",
        "//         ^ gap: leads to Cart.pay",
        "//         ^ wrong: leads to Cart.pay",
        "//         ^ gap: external",
    ],
)
def test_an_assertion_that_is_not_so_fails(assertion):
    assert checked(assertion)


def test_an_assertion_that_is_so_holds():
    assert checked("//         ^ leads to Cart.pay") is None
    assert checked("//         ^ leads to Cart.pay@1") is None
    assert checked("//         ^ wrong: external") is None


@pytest.mark.parametrize(
    ("text", "assertion"),
    [
        (SMALL, ""),
        (SMALL, "//                   ^ leads to Cart.pay"),
        (SMALL, "//          ^ leads to Cart.pay"),
        (SMALL, "//         ^ leads to Cart.gone"),
        (SMALL, "//         ^ leads to gone@1"),
        (SMALL, "//         ^ gap: leads to Cart.gone"),
        (SMALL, "//         ^ leads home"),
        ("class Shop { pay() {} }\n" + SMALL, "//         ^ leads to pay"),
    ],
)
def test_a_case_that_proves_nothing_is_refused(text, assertion):
    with pytest.raises(CaseRefused):
        checked(assertion, text)


def test_the_files_of_a_case_keep_its_line_numbers():
    text = "const a = 1;\n// @file: lib/b.ts\nexport class B { run() {} }\n// @file: c.ts\nB;\n"
    files = {
        "case.ts": "const a = 1;\n",
        "lib/b.ts": "\n\nexport class B { run() {} }\n",
        "c.ts": "\n\n\n\nB;\n",
    }
    assert Program("case.ts", text).files == files
