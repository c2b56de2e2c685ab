from __future__ import annotations

import pytest
from hypothesis import event, example, given, settings
from hypothesis import strategies as st
from tests.search.expressions import admits, matching, same, texts, written

from indexer.postings.trigrams import trigrams_of
from indexer.search.expression_requirements import MOST_ALTERNATIVES, MOST_TRIGRAMS
from indexer.search.expressions import literal, parse
from indexer.search.requirements import ANYTHING, Requirement, holding

# Few, so that words meet words: letters of both cases, of one byte and of two, and line ends.
LETTERS = "abcAK_k .\u00e9\u00c9\u212a"


@pytest.mark.parametrize(
    ("expression", "admitted", "kept_out"),
    [
        ("getUser", ["x getUser()", "getuser"], ["getUs er", "get user"]),
        ("ab", ["", "xyz"], []),
        ("foo.*bar", ["foobar", "barfoo"], ["foo ba", "fo bar", ""]),
        ("foo|bar", ["a foo", "a bar"], ["fo ba"]),
        ("(foo|bar)baz", ["foobaz", "barbaz"], ["foo baz", "bazfoo"]),
        ("x(foo|bar)", ["xfoo", "xbar"], ["foo", "yfoo"]),
        ("ab?cd", ["abcd", "acd"], ["abd", "bcd"]),
        ("abc?d", ["abd", "abcd"], ["abc"]),
        ("(foo)?bar", ["bar"], ["foo"]),
        ("(foo)*bar", ["bar"], ["foo"]),
        ("(foo)+bar", ["foobar", "foofoobar"], ["bar", "foo bar"]),
        ("fa+b", ["fab", "faab"], []),
        ("f(oo){1,2}b", ["foob", "foooob"], ["fob", "ooo"]),
        ("foo{2,}b", ["fooob", "fo foo ooo oob"], ["foob", "ooo"]),
        ("a{3}", ["aaa"], ["aa"]),
        ("ab{3}c", ["abbbc"], ["abbc", "abbb"]),
        ("(ab){2,}", ["ababab", "abab"], ["ab", "abba"]),
        ("(ab){5}c", ["ababababac bc abc"], ["abab"]),
        ("[fg]oo", ["foo", "goo"], ["hoo"]),
        ("[^f]oox", ["goox"], ["foo"]),
        ("a[0-9]bcd", ["a1bcd"], ["a1bc"]),
        ("fo[oO]", ["foo", "FOO"], ["fo"]),
        (r"\bfoo\b", ["foo"], ["fo o"]),
        ("^foo$", ["foo\r\n", "x foo"], ["fo\no"]),
        (r"foo\r$", ["foo\r\n"], ["foo\n"]),
        ("\u4e2d", ["\u4e2d"], ["\u4e2e", "x"]),
        ("d\u00e9j\u00e0", ["d\u00e9j\u00e0"], ["deja", "D\u00c9J\u00c0"]),
        ("(?i)d\u00e9j\u00e0", ["d\u00e9j\u00e0", "D\u00c9J\u00c0", "d\u00c9J\u00e0"], ["deja"]),
        ("(?i)FOO", ["foo", "fOo"], ["fo"]),
        ("foo(a|b|.*)bar", ["foobar"], ["foo", "bar"]),
        ("(a|.*)foo", ["foo"], ["fo"]),
        ("(foo.*x|bar.*y)baz", ["foo xbaz", "bar ybaz"], ["foo", "barbaz", "foo zbaz"]),
        (r"import .* from ['\"]react['\"]", ["import a from 'react'"], ["import a from 'reac'"]),
        (r"\w+\.map\(", ["a.map(b)"], ["a.ma", "map("]),
        ("", ["", "x"], []),
        (".*", ["", "x"], []),
        ("a|", ["", "x"], []),
    ],
)
def test_texts_that_cannot_match_are_kept_out(expression, admitted, kept_out):
    parsed = parse(expression, ignore_case=False)
    assert [text for text in admitted + kept_out if admits(parsed, text)] == admitted


def test_a_literal_asks_for_all_of_its_trigrams():
    assert literal("getUser", ignore_case=False).requirement == holding(b"getuser")
    assert literal("(?i)[x]", ignore_case=True).requirement == holding(b"(?i)[x]")
    assert literal("getUserById", ignore_case=True).requirement == holding(b"getuserbyid")
    assert literal("ab", ignore_case=False).requirement == ANYTHING


def choices_of(requirement: Requirement) -> list[tuple[Requirement, ...]]:
    below = [one for choice in requirement.choices for one in choice]
    return [*requirement.choices, *(found for one in below for found in choices_of(one))]


WORDS = [f"{chr(97 + one % 26)}{one:03}{chr(97 + one % 7)}" for one in range(200)]


@pytest.mark.parametrize(
    "expression",
    [
        "".join(WORDS),
        "|".join(WORDS[:100]),
        "|".join(WORDS[:17]),
        "|".join(WORDS[:16]),
        ".*".join(WORDS[:40]),
        ".*".join(f"({'|'.join(WORDS[at : at + 4])})" for at in range(0, 100, 4)),
        "(" * 30 + "abc" + "".join(f"|{word})" for word in WORDS[:30]),
        "[a-h][i-p]" * 20,
        "([ab]{3}[cd]){5}.x[0-9]{9}",
        "(?i)" + "\u00e9\u00e0\u00fc" * 60,
        "(((a|b.c|d)+x|(e|f.g|h)+y){3}|foo.*bar){3}",
        "\u4e2d" * 300,
    ],
)
def test_a_condition_is_bounded_whatever_is_written(expression):
    requirement = parse(expression, ignore_case=False).requirement
    assert len(requirement.all_trigrams()) <= MOST_TRIGRAMS
    choices = choices_of(requirement)
    assert len(choices) <= MOST_TRIGRAMS
    assert all(1 < len(choice) <= MOST_ALTERNATIVES for choice in choices)


@pytest.mark.parametrize(
    ("expression", "least"),
    [("".join(WORDS), 64), ("|".join(WORDS[:16]), 16), (".*".join(WORDS[:40]), 40)],
)
def test_a_condition_that_is_cut_still_asks_for_much(expression, least):
    requirement = parse(expression, ignore_case=False).requirement
    assert len(requirement.all_trigrams()) >= least


@settings(max_examples=300)
@given(
    data=st.data(),
    inner=written(LETTERS, perl=True, edges=False),
    ignore_case=st.booleans(),
    around=texts(LETTERS + "\n", max_size=3),
)
def test_every_text_that_matches_satisfies_the_condition(data, inner, ignore_case, around):
    # Between letters, so that even short ones make trigrams.
    written_so = inner.wrapped("c(", ")k")
    expression = parse(written_so.ours, ignore_case=ignore_case)
    found = data.draw(
        matching(written_so, LETTERS + "\t09]", ignore_case=ignore_case), label="found"
    )
    text = around + found + around
    event(f"asks: {expression.requirement != ANYTHING}")
    assert expression.pattern.search(text.encode())
    assert admits(expression, text)


@settings(max_examples=200)
@given(data=st.data(), ignore_case=st.booleans())
def test_no_text_matches_that_does_not_satisfy_the_condition(data, ignore_case):
    expression = parse(
        data.draw(written(LETTERS, perl=True), label="expression").ours, ignore_case=ignore_case
    )
    asked = [
        one.to_bytes(3, "little").decode(errors="ignore")
        for one in sorted(expression.requirement.all_trigrams())
    ]
    pieces = st.sampled_from([*asked, *LETTERS, "\n", "\r\n"])
    text = data.draw(st.lists(pieces, max_size=12).map("".join), label="text")
    admitted = admits(expression, text)
    event(f"admitted: {admitted}")
    assert admitted or not expression.pattern.search(text.encode())


@settings(max_examples=200)
@given(
    words=st.lists(texts("abK\u00e9\u03c3_", min_size=1, max_size=6), min_size=1, max_size=5),
    before=texts("ab \n"),
    case=st.sampled_from([str, str.upper, str.lower, str.title]),
)
@example(words=["k"], before="", case=str.upper)
def test_a_text_that_holds_the_words_satisfies_their_conditions(words, before, case):
    text = before + "".join(map(case, words))
    for expression in [
        *(literal(word, ignore_case=True) for word in words),
        literal("".join(words), ignore_case=True),
        parse("(" + ").*?(".join(words) + ")", ignore_case=True),
        parse("(" + "|".join(words) + ")+", ignore_case=True),
    ]:
        assert expression.pattern.search(text.encode())
        assert admits(expression, text)


@settings(max_examples=150)
@given(expression=written("abck\u00e9", perl=True), ignore_case=st.booleans())
@example(expression=same("a$^b[^c]d"), ignore_case=False)
def test_no_trigram_of_a_condition_holds_a_line_feed(expression, ignore_case):
    asked = parse(expression.ours, ignore_case=ignore_case).requirement.all_trigrams()
    for one in asked:
        assert trigrams_of(one.to_bytes(3, "little")) == {one}


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("(a+)+$", "a" * 100_000 + "!"),
        ("^(a|aa)+$", "a" * 100_000 + "!"),
        ("(a*)*b", "a" * 100_000),
        ("(.*)*x(.*)*y", "x" * 100_000),
        ("(x+x+)+y", "x" * 100_000),
        ("(a?){600}a{600}b", "a" * 20_000),
        (r"^(\w+\s?)*$", "word " * 20_000 + "!"),
    ],
)
def test_what_is_ruin_to_others_is_answered_in_linear_time(expression, text):
    """An engine that goes back would not come to an end within the life of the test."""
    parsed = parse(expression, ignore_case=False)
    assert parsed.pattern.search(text.encode()) is None
