from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.parsing.endings import Language
from indexer.parsing.facts import SymbolKind
from indexer.search.grammar import LONGEST_QUERY, MOST_PARTS, QueryInvalid, read_query
from indexer.search.query import NameWanted, TermKind

WORD, PHRASE, EXPRESSION = TermKind.WORD, TermKind.PHRASE, TermKind.EXPRESSION


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("cache", [(WORD, "cache", False)]),
        ("  use\tcache ", [(WORD, "use", False), (WORD, "cache", False)]),
        ("-cache get", [(WORD, "cache", True), (WORD, "get", False)]),
        ('"a b"', [(PHRASE, "a b", False)]),
        (r'"say \"hi\" \\ \n"', [(PHRASE, r'say "hi" \ \n', False)]),
        ('-"a b" c', [(PHRASE, "a b", True), (WORD, "c", False)]),
        ("/a+b/", [(EXPRESSION, "a+b", False)]),
        (r"/a\/b/", [(EXPRESSION, r"a\/b", False)]),
        ("/[/]x/", [(EXPRESSION, "[/]x", False)]),
        (r"/\[/ x", [(EXPRESSION, r"\[", False), (WORD, "x", False)]),
        ("-/a/ b", [(EXPRESSION, "a", True), (WORD, "b", False)]),
        ("default: x", [(WORD, "default:", False), (WORD, "x", False)]),
        ("std::move", [(WORD, "std::move", False)]),
        ("-", [(WORD, "-", False)]),
        ("a - b", [(WORD, "a", False), (WORD, "-", False), (WORD, "b", False)]),
        ("this.cache.get(", [(WORD, "this.cache.get(", False)]),
        ("größe", [(WORD, "größe", False)]),
        ('"repo:x"', [(PHRASE, "repo:x", False)]),
    ],
)
def test_terms_are_words_texts_and_expressions(written, expected):
    terms = read_query(written).terms
    assert [(one.kind, one.text, one.negated) for one in terms] == expected


def test_each_filter_is_told_apart_by_its_name_and_sign():
    query = read_query(
        'x repo:ada/engine -repo:old path:src -path:"a b" lang:ts -lang:JavaScript '
        "kind:class KIND:function -kind:enum_member symbol:Get -symbol:Old"
    )
    assert query.only.repositories == ["ada/engine"]
    assert query.without.repositories == ["old"]
    assert query.only.paths == ["src"]
    assert query.without.paths == ["a b"]
    assert query.only.languages == [Language.TYPESCRIPT]
    assert query.without.languages == [Language.JAVASCRIPT]
    assert query.only.kinds == [SymbolKind.CLASS, SymbolKind.FUNCTION]
    assert query.without.kinds == [SymbolKind.ENUM_MEMBER]
    assert query.only.symbols == [NameWanted(text="Get", exact=False)]
    assert query.without.symbols == [NameWanted(text="Old", exact=False)]
    assert query.definitions_only


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("cache", "cache"),
        ("$store_2", "$store_2"),
        ("größe", "größe"),
        ('"Cache"', "Cache"),
        ("a.b", None),
        ('"a b"', None),
        ("/cache/", None),
    ],
)
def test_what_may_be_a_name_is_looked_for_among_names(written, expected):
    (term,) = read_query(written).terms
    assert term.name == expected


@pytest.mark.parametrize(
    ("written", "says", "position", "length"),
    [
        ("", "Nothing is looked for", 0, 1),
        ("   ", "Nothing is looked for", 0, 3),
        ("path:src", "Nothing is looked for", 0, 8),
        ("-cache", "Nothing is looked for", 0, 6),
        ('a "b', "no end", 2, 1),
        ("a /b", "no end", 2, 1),
        ("a /b[/", "no end", 2, 1),
        ('a "b"c', "A blank must follow", 5, 1),
        ("/api/index", "A blank must follow", 5, 1),
        ("/a/ii", "A blank must follow", 3, 1),
        ('""', "nothing to look for", 0, 2),
        ("//", "nothing to look for", 0, 2),
        ("x repo:", "repo: has no value", 2, 5),
        ('x path:""', "path: has no value", 2, 7),
        ("x lang:tsx", "lang: takes typescript", 7, 3),
        ("x kind:thing", "kind: takes function", 7, 5),
        ("kind:class", "kind: needs a word", 0, 10),
        ("kind:class /x/", "kind: needs a word", 0, 10),
        ("symbol:a.b", "symbol: takes", 7, 3),
        ("x file:a", "write path:", 2, 5),
        ("language:ts x", "write lang:", 0, 9),
        ("x /a(b/", "never closed", 4, 1),
        ("x /a**/i", "repeat", 5, 1),
        ("x /(?=a)/", "Looking ahead", 3, 3),
        ("x /a*/", "the empty text", 2, 4),
        ("a\0b", "control characters", 1, 1),
        ("a\nb", "control characters", 1, 1),
        ("a\ud800b", "control characters", 1, 1),
        ("x" * (LONGEST_QUERY + 3), "too long", LONGEST_QUERY, 3),
        ("x " * (MOST_PARTS + 1), "at most", 2 * MOST_PARTS, 2),
    ],
)
def test_an_error_shows_where_the_query_is_wrong(written, says, position, length):
    with pytest.raises(QueryInvalid, match=says) as raised:
        read_query(written)
    error = raised.value
    assert (error.position, error.length) == (position, length)
    (detail,) = error.details
    assert (detail["position"], detail["length"]) == (position, length)
    # The marker stands below what is at fault.
    marker, excerpt = str(detail["marker"]), str(detail["excerpt"])
    assert marker.strip() == "^" * min(length, max(1, len(excerpt) - marker.index("^")))
    at_fault = excerpt[marker.index("^") : len(marker)]
    if written.isprintable() and position < len(written):
        assert written[position:].startswith(at_fault)


PARTS = st.lists(
    st.sampled_from(
        [
            "word",
            "-",
            '"',
            "/",
            "/a/",
            '"b c"',
            "repo:x",
            "kind:class",
            "symbol:",
            "\\",
            " ",
            "[",
            "é",
        ]
    ),
    max_size=12,
)


@given(PARTS.map("".join) | st.text(max_size=40))
def test_whatever_is_written_is_read_or_refused_with_a_place_in_it(written):
    query, refusal = read_or_refused(written)
    if refusal is not None:
        assert 0 <= refusal.position <= len(written)
        assert refusal.length >= 1
    else:
        assert query.sought or query.only.symbols
        assert all(one.written in written for one in query.terms)


def read_or_refused(written):
    try:
        return read_query(written), None
    except QueryInvalid as error:
        return None, error


def test_filters_of_one_name_widen_and_negated_ones_narrow():
    number = UUID(int=7)
    either = read_query("x repo:engine repo:ADA/ship -repo:old")
    assert either.wants_repository(number, "ada/engine")
    assert either.wants_repository(number, "ada/Ship")
    assert not either.wants_repository(number, "ada/old-engine")
    assert not either.wants_repository(number, "ada/other")
    assert read_query(f"x repo:{number}").wants_repository(number, "ada/other")
    assert not read_query(f"x -repo:{number}").wants_repository(number, "ada/other")
    assert read_query("x").wants_repository(number, "ada/other")
