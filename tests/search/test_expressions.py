from __future__ import annotations

import os
import re
import subprocess

import pytest
import re2
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from tests.search.expressions import lines_of, same, texts, written

from indexer.search.expressions import literal, parse

KELVIN, LONG_S = "\u212a", "\u017f"
LETTERS = "abcA0_ .-]"


def matched(expression: str, text: str, *, ignore_case: bool = False) -> list[str]:
    encoded = text.encode()
    parsed = parse(expression, ignore_case=ignore_case)
    return [encoded[one.start() : one.end()].decode() for one in parsed.pattern.finditer(encoded)]


@pytest.mark.parametrize(
    ("expression", "text", "expected"),
    [
        # Characters and escapes
        ("get", "get target", ["get", "get"]),
        (r"a\.b", "a.b axb", ["a.b"]),
        (r"\(\)\[\]\{\}\*\+\?\^\$\|\\\/\-\#\ \_", "()[]{}*+?^$|\\/-# _", ["()[]{}*+?^$|\\/-# _"]),
        (r"a\tb", "a\tb", ["a\tb"]),
        (r"\x41\x{42}\u0043\x{1F600}", "ABC\U0001f600", ["ABC\U0001f600"]),
        (r"\f\v\a", "\f\v\a", ["\f\v\a"]),
        ("a{b}", "a{b}", ["a{b}"]),
        ("() {$", "f() {", [" {"]),
        (r"x\[0]", "x[0]", ["x[0]"]),
        ("a{,}", "a{,}", ["a{,}"]),
        (".", "\u00e9\U0001f600", ["\u00e9", "\U0001f600"]),
        ("\u00e9{2}", "\u00e9\u00e9", ["\u00e9\u00e9"]),
        # Classes
        ("[a-c]+", "xabcx", ["abc"]),
        ("[]x]+", "]x", ["]x"]),
        ("[^]x]+", "a]x", ["a"]),
        ("[a-]+", "a-b", ["a-"]),
        ("[-a]+", "a-b", ["a-"]),
        (r"[\w-.]+", "a-b.c d", ["a-b.c", "d"]),
        ("[a-c-e]+", "abc-e d", ["abc-e"]),
        ("[[a]+", "[a", ["[a"]),
        (r"[\]\\^]+", "]\\^", ["]\\^"]),
        ("[\u00e0-\u00ff]+", "d\u00e9j\u00e0", ["\u00e9", "\u00e0"]),
        (r"[\x{4E00}-\x{9FFF}]", "a\u4e2db", ["\u4e2d"]),
        (r"[\d\s]+", "a1 2\tb", ["1 2\t"]),
        (r"[^\d\s]+", "a1 2\tb", ["a", "b"]),
        ("[[:alpha:]_]+", "ab_1\u00e9", ["ab_"]),
        ("[[:^alpha:]]+", "ab_1", ["_1"]),
        ("[^[:punct:]]+", "a.b", ["a", "b"]),
        (r"[^\n]+", "a\nb", ["a", "b"]),
        (r"\D+", "1a2", ["a"]),
        (r"\w+", "\u00e9a_9", ["a_9"]),
        (r"\W+", "a\u00e9 b", ["\u00e9 "]),
        # Repetition
        ("ab*", "abbb", ["abbb"]),
        ("ab*?", "abbb", ["a"]),
        ("a.+?b", "axbxb", ["axb"]),
        ("a{2}", "aaaaa", ["aa", "aa"]),
        ("a{2,}", "a aaa", ["aaa"]),
        ("a{1,2}", "aaa", ["aa", "a"]),
        ("a{0}b", "ab", ["b"]),
        ("(?:ab)+", "ababa", ["abab"]),
        # Alternatives, groups, edges
        ("cat|dog", "a dog, a cat", ["dog", "cat"]),
        ("a(b|)c", "ac abc", ["ac", "abc"]),
        ("a()b", "ab", ["ab"]),
        ("^a|b$", "ab\nab\n", ["a", "b", "a", "b"]),
        (r"\bcat\b", "cat concat cat_ cat", ["cat", "cat"]),
        (r"\Bcat", "cat concat", ["cat"]),
        (r"\bx", "\u00e9x", ["x"]),
        ("(?i)cat", "Cat cAT", ["Cat", "cAT"]),
    ],
)
def test_an_expression_matches(expression, text, expected):
    assert matched(expression, text) == expected


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("a.b", "a\nb"),
        (r"a\sb", "a\nb"),
        (r"a\Wb", "a\nb"),
        (r"a\Db", "a\nb"),
        ("a[^x]b", "a\nb"),
        (r"a[^\d]b", "a\nb"),
        (r"a[\x01-\x7f]b", "a\nb"),
        ("a[[:space:]]b", "a\nb"),
        ("a[[:cntrl:]]b", "a\nb"),
        ("a[[:ascii:]]b", "a\nb"),
        ("a[[:^alpha:]]b", "a\nb"),
        ("a$.*^b", "a\nb"),
        ("a.", "a\r\n"),
        (r"a\s", "a\r\n"),
        ("a[^x]", "a\r\n"),
        ("a[[:cntrl:]]", "a\r\n"),
        ("a$", "a\rb"),
        ("a$", "ab"),
        ("^b", "a\rb"),
    ],
)
def test_no_line_end_is_matched_by_what_does_not_name_it(expression, text):
    assert matched(expression, text) == []


@pytest.mark.parametrize(
    ("expression", "text", "expected"),
    [
        ("a$", "a\r\nba\r\n", ["a\r", "a\r"]),
        ("a$", "a\r", ["a\r"]),
        (r"\w;?\s*$", "f;\r\nx \r\n", ["f;\r", "x \r"]),
        (r"a\r", "a\r\n", ["a\r"]),
        (r"a\r$", "a\r\n", ["a\r"]),
        (r"[a\r]+", "a\r\n", ["a\r"]),
        (r"[\x01-\x20]+", "a\r\n", ["\r"]),
        ("^b$", "a\r\nb\r\nc", ["b\r"]),
        (r"\ba\b$", "a\r\n", ["a\r"]),
    ],
)
def test_a_line_may_end_with_a_carriage_return_too(expression, text, expected):
    assert matched(expression, text) == expected


@pytest.mark.parametrize(
    ("expression", "text", "expected"),
    [
        ("cat", "CAT Cat", ["CAT", "Cat"]),
        ("ks", f"KS {KELVIN}{LONG_S}", ["KS"]),
        (KELVIN, f"k K {KELVIN}", [KELVIN]),
        (LONG_S, f"s S {LONG_S}", [LONG_S]),
        ("[a-c]+", "aBc", ["aBc"]),
        ("[^k]+", f"kK{KELVIN}", [KELVIN]),
        ("[[:upper:]]+", "aB1", ["aB"]),
        (r"\W+", "aK", []),
        ("\u00c9t\u00c9", "\u00e9T\u00e9", ["\u00e9T\u00e9"]),
        ("[\u00e0-\u00ef]+", "\u00c0\u00e9", ["\u00c0\u00e9"]),
        ("[^\u00e9]+", "\u00c9\u00e9x", ["x"]),
        ("\u03c2", "\u03a3\u03c3\u03c2", ["\u03a3", "\u03c3", "\u03c2"]),
        ("\u01c5", "\u01c4\u01c5\u01c6", ["\u01c4", "\u01c5", "\u01c6"]),
        ("\u00df", "\u00df\u1e9e ss SS", ["\u00df", "\u1e9e"]),
        ("\u0131", "i I \u0130 \u0131", ["\u0131"]),
        (r"\x63at", "CAT", ["CAT"]),
    ],
)
def test_case_is_ignored_one_character_for_one(expression, text, expected):
    assert matched(expression, text, ignore_case=True) == expected


@pytest.mark.parametrize(
    "text", ["a.b", "(?i)x", "[", "\\", "$^", "a\tb", "d\u00e9j\u00e0 *", "x\r"]
)
def test_a_literal_matches_what_it_says_and_nothing_else(text):
    expression = literal(text, ignore_case=False)
    assert expression.pattern.search(f"<{text}>".encode()).start() == 1
    assert expression.pattern.search(b"axb x a  b deja") is None
    assert literal(text.upper(), ignore_case=True).pattern.search(text.encode()) is not None


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("a", False),
        ("a+", False),
        ("^a$", False),
        ("(a|b)c*", False),
        ("(a*){2}b", False),
        ("", True),
        ("()", True),
        ("a*", True),
        ("a?b{0,2}", True),
        ("a|", True),
        ("^", True),
        ("^$", True),
        (r"\b", True),
        ("(a|b*)+", True),
        ("(a?)+?", True),
        ("a{0}", True),
    ],
)
def test_an_expression_says_whether_it_matches_the_empty_text(expression, expected):
    assert parse(expression, ignore_case=False).matches_empty is expected


def test_what_people_count_is_run():
    line = "import {" + "x" * 250 + "} from 'react'"
    assert matched(r"import .{0,300} from", line) == [line[: line.index(" 'react")]]


def test_the_engine_keeps_no_expression_after_its_search():
    matched("a+", "aaa")
    assert re2._Regexp._make.cache_info().currsize == 0


def in_python(expression: str, text: str, *, ignore_case: bool) -> dict[int, int]:
    flags = re.ASCII | (re.IGNORECASE if ignore_case else 0)
    compiled = re.compile(expression, flags)
    starts: dict[int, int] = {}
    for number, line in enumerate(text.split("\n")):
        if found := compiled.search(line):
            starts[number] = len(line[: found.start()].encode())
    return starts


@settings(max_examples=300)
@given(
    expression=written(LETTERS, perl=True),
    text=texts(LETTERS + "B\t\n\u00e9" + KELVIN),
    ignore_case=st.booleans(),
)
@example(expression=same("[^a]"), text="a\n\u00e9", ignore_case=False)
@example(expression=same("k+s"), text=f"{KELVIN}S\nKS", ignore_case=True)
def test_the_lines_are_those_that_python_finds(expression, text, ignore_case):
    ours = parse(expression.ours, ignore_case=ignore_case)
    assume(not ours.matches_empty)
    assert lines_of(ours, text) == in_python(expression.python, text, ignore_case=ignore_case)


@settings(max_examples=150)
@given(
    written("abc ", perl=True, edges=False),
    st.sampled_from(["", "$", r"\b", r"\b$", r"\B", r"(a|$)", r"\s*$", "(^b|c)*$"]),
    texts("abc \n"),
)
def test_lines_match_alike_however_they_end(expression, after, text):
    parsed = parse(f"({expression.ours}){after}", ignore_case=False)
    assume(not parsed.matches_empty)
    assert lines_of(parsed, text) == lines_of(parsed, text.replace("\n", "\r\n"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("grep")
    subprocess.run(["git", "init", "--quiet"], cwd=made, check=True)
    return made


def git_grep(folder, flavour: str, expression: str, *more: str) -> list[int]:
    """The lines, counted from 0, in which git finds the expression."""
    done = subprocess.run(
        ["git", "grep", "--untracked", "-hn", flavour, *more, "-e", expression, "--", "text"],
        cwd=folder,
        env={**os.environ, "LC_ALL": "C", "GIT_CONFIG_GLOBAL": os.devnull},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in {0, 1}, done.stderr
    return [int(line.partition(":")[0]) - 1 for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def perl(folder):
    """Whether this git reads expressions of Perl."""
    (folder / "text").write_text("a1")
    try:
        return git_grep(folder, "-P", r"a\d") == [0]
    except AssertionError:
        return False


@settings(max_examples=60)
@given(data=st.data())
def test_the_lines_are_those_that_git_finds_as_perl_reads(folder, perl, data):
    agrees_with_git(folder, data, perl=perl)


@settings(max_examples=40)
@given(data=st.data())
def test_the_lines_are_those_that_git_finds_as_posix_reads(folder, data):
    agrees_with_git(folder, data, perl=False)


def agrees_with_git(folder, data, *, perl: bool) -> None:
    expression = data.draw(written(LETTERS, perl=perl)).ours
    text = data.draw(texts(LETTERS + "\t\n", min_size=1, max_size=80))
    ignore_case = data.draw(st.booleans())
    ours = parse(expression, ignore_case=ignore_case)
    assume(not ours.matches_empty)
    (folder / "text").write_text(text)
    theirs = git_grep(
        folder, "-P" if perl else "-E", expression, *(["--ignore-case"] if ignore_case else [])
    )
    assert list(lines_of(ours, text)) == theirs
