from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.postings.words import LONGEST_WORD, MOST_WORDS, found_by, is_boundary, words_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("getUserById", "get|User|By|Id"),
        ("HTMLParser", "HTML|Parser"),
        ("parseHTML", "parse|HTML"),
        ("user_name", "user|_|name"),
        ("$store", "$|store"),
        ("utf8Text", "utf|8|Text"),
        ("base64url", "base|64|url"),
        ("A1", "A|1"),
        ("this.cache.get", "this|.|cache|.|get"),
        ("superuser", "superuser"),
        ("URLs", "UR|Ls"),
        ("été2Fois", "été|2|Fois"),
        ("Été", "Été"),
    ],
)
def test_words_begin_where_people_read_them(text, expected):
    written = text.encode()
    pieces, start = [], 0
    for at in range(1, len(written) + 1):
        if is_boundary(written, at):
            pieces.append(written[start:at].decode())
            start = at
    assert "|".join(pieces) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("getUserById", ["getuserbyid", "userbyid", "byid", "id"]),
        ("USER_ID", ["user_id", "id"]),
        ("_private", ["_private", "private"]),
        ("a b", ["a b", "b"]),
        ("x", ["x"]),
        ("", [""]),
    ],
)
def test_a_name_is_found_by_each_of_its_words(name, expected):
    words = list(words_of(name))
    assert [one.rest for one in words] == expected
    assert [one.is_whole for one in words] == [True] + [False] * (len(expected) - 1)


def test_long_names_are_found_by_a_bounded_number_of_bounded_words():
    words = list(words_of("aB" * 200))
    assert len(words) == MOST_WORDS
    assert {len(one.rest) for one in words} == {LONGEST_WORD}


@given(st.text(alphabet="aB3_$é.中", max_size=30))
def test_each_word_of_a_name_is_where_a_boundary_is(name):
    written = name.encode()
    rests = [one.rest for one in words_of(name)]
    expected = [
        found_by(written[at:].decode())
        for at in range(1, len(written))
        if is_boundary(written, at) and written[at : at + 1] not in b"_$."
    ]
    assert rests == [found_by(name), *expected][:MOST_WORDS]
