from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from indexer.search.expression_parser import MOST_DEPTH, MOST_LENGTH
from indexer.search.expressions import ExpressionInvalid, literal, parse


def refusal(expression: str) -> ExpressionInvalid:
    with pytest.raises(ExpressionInvalid) as raised:
        parse(expression, ignore_case=False)
    return raised.value


@pytest.mark.parametrize(
    ("expression", "at_fault", "says"),
    [
        # Brackets
        ("a<(>b", "(", "never closed"),
        ("a(b)<(>(c)", "(", "never closed"),
        ("a<)>", ")", "closes nothing"),
        ("(a|b)<)>|c", ")", "closes nothing"),
        ("x<[>a-z", "[", "never closed"),
        ("x<[>]", "[", "never closed"),
        ("x<[>^]", "[", "never closed"),
        ("x<[>[:alpha:]", "[", "never closed"),
        ("<[>a-", "[", "never closed"),
        # Repetition
        ("<*>a", "*", "could be repeated"),
        ("a|<+>", "+", "could be repeated"),
        ("(a|<?>b)", "?", "could be repeated"),
        ("(a|<{2}>)", "{2}", "could be repeated"),
        ("^<*>", "*", "cannot be repeated"),
        (r"\b<+>", "+", "cannot be repeated"),
        ("a*<*>", "*", "repeated again"),
        ("a+<+>", "+", "repeated again"),
        ("a{2}<{3}>", "{3}", "repeated again"),
        ("a+?<?>", "?", "repeated again"),
        ("a<{3,1}>", "{3,1}", "{1,3}"),
        ("a<{,3}>", "{,3}", "{0,3}"),
        ("a<{1001}>", "{1001}", "at most 1000"),
        ("a<{1,1001}>", "{1,1001}", "at most 1000"),
        ("a<{2000,}>", "{2000,}", "at most 1000"),
        ("a<{99999999999999999999}>", "{99999999999999999999}", "at most 1000"),
        ("(a{40}b)<{40}>", "{40}", "1600 times"),
        ("((a{2,}|b{20})?c){20}<{1}>", "{1}", "repeated again"),
        ("((a{2,}|b{20})?c{3}){20}(d{5}){5}((e{10}){10})<{11,}>", "{11,}", "1100 times"),
        # What only other engines know
        ("a<(?=>b)", "(?=", "ahead or behind"),
        ("a<(?!>b)", "(?!", "ahead or behind"),
        ("<(?<=>a)b", "(?<=", "ahead or behind"),
        ("<(?<!>a)b", "(?<!", "ahead or behind"),
        ("<(?P<n>>a)", "(?P<n>", "no names"),
        ("<(?<n>>a)", "(?<n>", "no names"),
        ("<(?'n'>a)", "(?'n'", "no names"),
        ("(a)<(?P=>n)", "(?P=", "write it out"),
        ("<(?>>a)", "(?>", "write (?: )"),
        ("<(?#>a)", "(?#", "Comments"),
        ("a<(?i)>b", "(?i)", "at the very start"),
        ("<(?im)>b", "(?im)", "at the very start"),
        ("(?i)<(?s)>b", "(?s)", "at the very start"),
        ("<(?i:>b)", "(?i:", "at the very start"),
        ("<(?-i)>b", "(?-i)", "at the very start"),
        ("<(?>", "(?", "(?: )"),
        ("<(?>|a)", "(?", "(?: )"),
        (r"(a)<\1>", r"\1", "write it out"),
        (r"(a)<\k><n>", r"\k", "write it out"),
        (r"(a)<\g>{1}", r"\g", "write it out"),
        # Escapes
        ("a<\\>", "\\", "after the backslash"),
        (r"<\y>", r"\y", "means nothing"),
        ("<\\\u00e9>", "\\\u00e9", "means nothing"),
        (r"<\A>a", r"\A", "Write ^"),
        (r"a<\z>", r"\z", "Write $"),
        (r"a<\Z>", r"\Z", "Write $"),
        (r"<\p>{L}", r"\p", "Unicode classes"),
        (r"<\P>L", r"\P", "Unicode classes"),
        (r"<\Q>a.b\E", r"\Q", "Quoting"),
        (r"<\h>", r"\h", "space or a tab"),
        (r"<\R>", r"\R", "within a line"),
        (r"<\x>4", r"\x", "two digits"),
        (r"<\x>{}", r"\x", "two digits"),
        (r"<\x>{12", r"\x", "two digits"),
        (r"<\u>12", r"\u", "four digits"),
        (r"a<\x{110000}>", r"\x{110000}", "No text"),
        (r"a<\x{fffffffffffff}>", r"\x{fffffffffffff}", "No text"),
        (r"a<\x{0000d800}>", r"\x{0000d800}", "No text"),
        (r"a<\uDFFF>", r"\uDFFF", "No text"),
        (r"a<\x00>", r"\x00", "No text"),
        (r"a<\x{0}>", r"\x{0}", "No text"),
        (r"a<\0>", r"\0", "U+0000"),
        # Classes
        ("[a<z-a>]", "z-a", "lower"),
        (r"[<\x62-a>]", r"\x62-a", "lower"),
        (r"[<a-\d>]", r"a-\d", "one character"),
        ("[<a-[:digit:]>]", "a-[:digit:]", "one character"),
        ("[a<[:letter:]>]", "[:letter:]", "no such class"),
        ("[<[.a.]>]", "[.a.]", "Collating"),
        ("[<[=a=]>]", "[=a=]", "Collating"),
        (r"[a<\b>]", r"\b", "word boundary"),
        (r"[<\y>]", r"\y", "means nothing"),
        (r"[<\x00>-a]", r"\x00", "No text"),
        (r"a<[^\s\S\r]>", r"[^\s\S\r]", "No character"),
        (r"<[^\x{1}-\x{10ffff}]>", r"[^\x{1}-\x{10ffff}]", "No character"),
        # What no line holds
        (r"a<\n>b", r"\n", "within a line"),
        (r"a[ <\n>]b", r"\n", "within a line"),
        (r"a<\x0a>b", r"\x0a", "within a line"),
        (r"a<\x{000A}>b", r"\x{000A}", "within a line"),
        ("a<\n>b", "\n", "within a line"),
        ("a<\0>", "\0", "U+0000"),
        ("a<\ud800>", "\ud800", "U+D800"),
        ("\U0001f600<\udfff>", "\udfff", "U+DFFF"),
    ],
)
def test_what_cannot_be_searched_is_refused_where_it_stands(expression, at_fault, says):
    before, _, rest = expression.partition("<" + at_fault + ">")
    told = refusal(before + at_fault + rest)
    assert (told.position, told.length) == (len(before), len(at_fault))
    assert says in told.message
    assert str(told) == told.message
    assert told.message.endswith(".")
    assert told.code == "expression_invalid"


@pytest.mark.parametrize("text", ["a\nb", "a\0", "a\ud800", "x" * (MOST_LENGTH + 1)])
def test_a_literal_that_no_line_holds_is_refused(text):
    with pytest.raises(ExpressionInvalid):
        literal(text, ignore_case=False)


def test_the_longest_expression_is_read_and_a_longer_one_refused():
    longest = "a" * MOST_LENGTH
    assert parse(longest, ignore_case=True).pattern.search(longest.encode())
    told = refusal(longest + "bc")
    assert (told.position, told.length) == (MOST_LENGTH, 2)
    assert "1002" in told.message


def test_groups_are_nested_so_deep_and_no_deeper():
    deepest = "(" * MOST_DEPTH + "a" + ")+" * MOST_DEPTH
    assert parse(deepest, ignore_case=False).pattern.search(b"aa").end() == 2
    told = refusal("(" + deepest + ")")
    assert (told.position, told.length) == (MOST_DEPTH, 1)
    told = refusal("(?:" * (MOST_LENGTH // 3))
    assert told.position == 3 * MOST_DEPTH


@pytest.mark.parametrize(
    "expression",
    [".{1000}", "(.{30}x){30}", "([^a]|\u00e9b*){500}", r"(\W?){999}", r"(\W{1000})" * 90],
)
def test_what_is_too_large_for_the_engine_is_refused_as_a_whole(expression):
    told = refusal(expression)
    assert "too large" in told.message
    assert (told.position, told.length) == (0, len(expression))


PIECES = [*"()[]{}^$|?*+.\\-,:=!<>&'#/", *"abdDsSwWBnrtxuPQAzk019 \n\0"]
PIECES += ["(?:", "(?i)", "[[:alpha:]]", "[^", "{2}", "{1,3}", "{900}", "\\x{"]
PIECES += ["\u00e9", "\u212a", "\ud800", "\U0001f600"]


@settings(max_examples=400)
@given(
    written=st.lists(st.sampled_from(PIECES), max_size=30).map("".join), ignore_case=st.booleans()
)
@example(written="(" * 500, ignore_case=False)
@example(written="[" * 1000, ignore_case=False)
@example(written="(a{1000})" * 100, ignore_case=False)
@example(written="((((a{5}){5}){5}){5}){1}", ignore_case=True)
@example(written="[\u00e0-\U0001f600]" * 200, ignore_case=True)
def test_whatever_is_written_is_read_or_refused_within_itself(written, ignore_case):
    told = None
    try:
        expression = parse(written, ignore_case=ignore_case)
    except ExpressionInvalid as refused:
        told = refused
    if told is None:
        assert expression.pattern.search(b"") is None or expression.matches_empty
    else:
        assert 0 <= told.position < told.position + told.length <= len(written)
        assert told.message.endswith(".")
        assert told.message.isprintable()
