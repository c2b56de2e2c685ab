"""Runs the fixtures of `cases/`: each carries its own assertions in comments.

`tests/support/carets.py` tells where a comment points. What it may say:

    ^ definition KIND NAME [FLAG …] [in CONTAINER]    a symbol whose name stands there
    ^ signature TEXT                                  … its signature
    ^ documentation TEXT                              … its documentation on one line, or `none`
    ^ reference [KIND] DESTINATION [in SYMBOL]        a use of a name
    ^ no definition, ^ no reference
    //! export NAME DESTINATION                       … //! exports NAME, NAME: all of them
    //! request KIND SPECIFIER                        … //! requests N, //! errors N

A destination is `local LINE`, `symbol NAME[@LINE]`, `import IMPORTED SPECIFIER`,
`import-member NAME.a.b`, `module SPECIFIER NAME`, `instance-member CLASS NAME`, `undeclared` or
`unknown`. Names with blanks are written with `_`.
"""

from pathlib import Path

import pytest
from tests.support.carets import Assertion, assertions_of, pointing_at_nothing

from indexer.parsing.facts import (
    DependencyKind,
    FileFacts,
    ReferenceKind,
    SymbolFlag,
    SymbolKind,
    Target,
)
from indexer.parsing.parser import parse_file

CASES = Path(__file__).parent / "cases"
FLAGS = {flag.name.lower(): flag for flag in SymbolFlag}
KINDS = {kind.name.lower() for kind in ReferenceKind}
DESTINATIONS = {
    "import",
    "import-member",
    "instance-member",
    "local",
    "module",
    "symbol",
    "undeclared",
    "unknown",
}
KNOWN_GAPS = 0


def spelled(name: str) -> str:
    return name.replace(" ", "_")


def placed(words: list[str]) -> tuple[list[str], str | None]:
    """The words before `in X`, and X."""
    if "in" not in words:
        return list(words), None
    return words[: words.index("in")], words[words.index("in") + 1]


def name_of(facts: FileFacts, symbol: int) -> str:
    return spelled(facts.symbols[symbol].name) if symbol >= 0 else "nothing"


def destination(facts: FileFacts, target: int, a: int, b: object) -> str:
    says = {
        Target.SYMBOL: lambda: f"symbol {name_of(facts, a)}@{facts.symbols[a].line}",
        Target.LOCAL: lambda: f"local {a}",
        Target.IMPORT: lambda: f"import {facts.imports[a].imported} {specifier(facts, a)}",
        Target.IMPORT_MEMBER: lambda: "import-member " + ".".join([facts.imports[a].name, *b]),
        Target.MODULE: lambda: f"module {facts.requests[a].specifier} {b}",
        Target.INSTANCE_MEMBER: lambda: f"instance-member {name_of(facts, a)} {b}",
        Target.UNDECLARED: lambda: "undeclared",
        Target.UNKNOWN_RECEIVER: lambda: "unknown",
    }
    return says[Target(target)]()


def specifier(facts: FileFacts, number: int) -> str:
    return facts.requests[facts.imports[number].request].specifier


def leads_there(said: str, wanted: str) -> bool:
    return said == wanted or (wanted.startswith("symbol ") and said.partition("@")[0] == wanted)


def check_definition(facts: FileFacts, one: Assertion) -> None:
    _, kind, name, *rest = one.words
    wanted, container = placed(rest)
    assert FLAGS.keys() >= set(wanted), "an unknown flag"
    here = [s for s in facts.symbols if (s.line, s.column) == (one.line, one.column)]
    said = [
        (
            SymbolKind(s.kind).name.lower(),
            spelled(s.name),
            {word for word, flag in FLAGS.items() if s.flags & flag},
            name_of(facts, s.container) if container else None,
        )
        for s in here
    ]
    assert (kind, name, set(wanted), container) in said


def check_reference(facts: FileFacts, one: Assertion) -> None:
    words, enclosing = placed(one.words[1:])
    kind = words.pop(0) if words[0] in KINDS and words[1:2] and words[1] in DESTINATIONS else None
    here = [r for r in facts.references if (r.line, r.column) == (one.line, one.column)]
    said = [
        (
            destination(facts, r.target, r.a, r.b),
            ReferenceKind(r.kind).name.lower() if kind else None,
            name_of(facts, r.enclosing) if enclosing else None,
        )
        for r in here
    ]
    wanted = " ".join(words)
    assert any(
        leads_there(end, wanted) and (how, where) == (kind, enclosing) for end, how, where in said
    ), said


def check_words(facts: FileFacts, one: Assertion) -> None:
    here = [s for s in facts.symbols if (s.line, s.column) == (one.line, one.column)]
    wanted = one.text.split(" ", 1)[1]
    if one.words[0] == "signature":
        assert wanted in [s.signature for s in here]
    else:
        assert wanted in [" ".join((s.documentation or "none").split()) for s in here]


def check_absence(facts: FileFacts, one: Assertion) -> None:
    rows = facts.symbols if one.words[1] == "definition" else facts.references
    assert not [row for row in rows if (row.line, row.column) == (one.line, one.column)]


def check_file(facts: FileFacts, one: Assertion) -> None:
    what, *rest = one.words
    if what == "export":
        said = [destination(facts, e.target, e.a, e.b) for e in facts.exports if e.name == rest[0]]
        assert any(leads_there(end, " ".join(rest[1:])) for end in said), said
    elif what == "exports":
        assert sorted({e.name for e in facts.exports}) == sorted(one.text[8:].split(", "))
    elif what == "request":
        said = [(DependencyKind(r.kind).name.lower(), r.specifier) for r in facts.requests]
        assert (rest[0], " ".join(rest[1:]).strip('"')) in said
    elif what == "requests":
        assert len(facts.requests) == int(rest[0])
    else:
        assert (what, facts.syntax_errors) == ("errors", int(rest[0]))


CHECKS = {
    "definition": check_definition,
    "documentation": check_words,
    "no": check_absence,
    "reference": check_reference,
    "signature": check_words,
}


def cases(pattern: str) -> list[Path]:
    return sorted(CASES.glob(pattern))


@pytest.mark.proves("W6")
@pytest.mark.parametrize("case", cases("*.*s*"), ids=lambda case: case.name)
def test_a_fixture_says_what_the_parser_finds(case):
    if case.suffix == ".skip":
        pytest.skip("a known gap")
    source = case.read_bytes()
    facts = parse_file(source, case.name)
    assertions = assertions_of(source.decode())
    assert assertions, "a fixture without assertions proves nothing"
    assert not pointing_at_nothing(source.decode(), assertions)
    for one in assertions:
        check = CHECKS.get(one.words[0], check_file)
        try:
            check(facts, one)
        except AssertionError as failure:
            raise AssertionError(f"{case.name}:{one.at}: {one.text}\n{failure}") from None


def test_known_gaps_are_counted():
    assert len(cases("*.skip")) == KNOWN_GAPS


def test_an_assertion_that_points_at_nothing_fails():
    facts = parse_file(b"const total = 1;\n", "a.ts")
    with pytest.raises(AssertionError):
        check_definition(facts, assertions_of("x\n//   ^ definition constant total")[0])
    with pytest.raises(AssertionError):
        check_reference(facts, assertions_of("x\n//    ^ reference symbol total")[0])
    astray = "total;\n//        ^ no reference"
    assert pointing_at_nothing(astray, assertions_of(astray))
