from __future__ import annotations

import pytest

from indexer.search.grammar import read_query
from indexer.search.matching import (
    LONGEST_SNIPPET,
    MOST_HIGHLIGHTS,
    Text,
    first_place,
    holds,
    matching_lines,
    snippet_of,
)


def places(query, text):
    """The texts that the terms of a query find, on the first place of each line."""
    written = text.encode()
    found = matching_lines(Text(written), read_query(query).sought)
    return [(one.line, written[one.start : one.end].decode()) for one in found]


@pytest.mark.parametrize(
    ("query", "text", "expected"),
    [
        ("cache", "this.cache.get()", ["cache"]),
        ("user", "getUserById", ["User"]),
        ("user", "superuser", []),
        ("user", "USER_ID", ["USER"]),
        ("user", "users", ["user"]),
        ("userby", "getUserById", ["UserBy"]),
        ("id", "getUserById", ["Id"]),
        ("id", "valid", []),
        ("user", "superuser user", ["user"]),
        ("aa", "xaaaa aab", ["aa"]),
        (".get(", "cache.get(1)", [".get("]),
        ('"user"', "superuser", ["user"]),
        ('"User"', "superuser", []),
        ("/[a-z]+user/", "a superuser", ["superuser"]),
        ("/SUPER/", "superuser", []),
        ("/SUPER/i", "superuser", ["super"]),
        ("/^a/", "ab\nba", ["a"]),
        ("/a$/", "ba\r\nba\nab", ["a", "a"]),
        ("/a.*b/", "a\nb", []),
        (r"/x\s+y/", "x\ny", []),
        ("größe", "die Größe", ["Größe"]),
        ("html", "parseHTMLNow", ["HTML"]),
        ("$x", "a.$x", ["$x"]),
    ],
)
def test_a_term_finds_what_a_person_means_by_it(query, text, expected):
    assert [found for _, found in places(query, text)] == expected


def test_each_line_is_told_once_with_how_many_terms_stand_on_it():
    text = b"use cache\nno such\ncache cache\nfor use\n"
    lines = matching_lines(Text(text), read_query("use cache").sought)
    assert [(one.line, one.terms, one.whole) for one in lines] == [
        (1, 2, True),
        (3, 1, True),
        (4, 1, True),
    ]


def test_a_whole_word_is_preferred_to_the_beginning_of_one():
    text = b"users of a user"
    (line,) = matching_lines(Text(text), read_query("user").sought)
    assert (line.start, line.whole) == (11, True)
    (part,) = matching_lines(Text(b"users"), read_query("user").sought)
    assert not part.whole


def test_a_file_must_hold_every_term_and_none_of_those_left_out():
    query = read_query('a "b c" -/d+/')
    assert holds(b"x b c\na", query.sought, query.avoided)
    assert not holds(b"x b c", query.sought, query.avoided)
    assert not holds(b"b c a d", query.sought, query.avoided)


def test_the_end_of_a_line_is_no_part_of_a_match():
    (term,) = read_query("/a.*$/").terms
    found = first_place(term, b"xab\r\n")
    assert found is not None
    assert (found.start, found.end) == (1, 3)


def shown(query, text, line=1):
    written = text.encode()
    terms = read_query(query).sought
    one = next(one for one in matching_lines(Text(written), terms) if one.line == line)
    return snippet_of(Text(written), one.line, one.start, one.end, terms)


def test_a_snippet_is_the_line_with_its_columns_in_utf_16():
    one = shown("cache", "// first\n  /* \U0001f600 */ cache.get(cache)\r\n", 2)
    assert one.text == "  /* \U0001f600 */ cache.get(cache)"
    assert (one.first_column, one.column, one.end_column) == (0, 11, 16)
    assert list(one.highlights) == [(11, 16), (21, 26)]


def test_of_a_long_line_a_snippet_shows_what_stands_around_the_match():
    one = shown("needle", "é" * 5_000 + " needle " + "x" * 5_000)
    assert len(one.text) == LONGEST_SNIPPET
    assert " needle " in one.text
    assert one.column == 5_001
    assert one.text[one.column - one.first_column :].startswith("needle")
    assert list(one.highlights) == [(5_001, 5_007)]


def test_highlights_are_bounded_and_stay_within_the_snippet():
    one = shown("ab", "ab " * 400)
    assert len(one.highlights) == MOST_HIGHLIGHTS
    wide = shown("/a+/", "a" * 1_000)
    assert list(wide.highlights) == [(0, LONGEST_SNIPPET)]
    assert wide.end_column == 1_000
