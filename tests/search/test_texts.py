import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.search.indexed import Commit

from indexer.parsing.source import SourceText
from indexer.search import texts
from indexer.search.files import FileNotFound
from indexer.search.repositories import RepositoryNotFound
from indexer.search.texts import (
    MOST_TEXT_BYTES,
    MOST_WRITTEN_BYTES,
    FileNotText,
    LineRange,
    LinesBeyondEnd,
    LinesInvalid,
    TextNotStored,
    excerpt,
)

LAMBDA_ANSWER_BYTES = 6_000_000
EVERYTHING = LineRange()


@pytest.mark.parametrize(
    ("written", "lines"),
    [
        ("10", (10, 10)),
        ("10-20", (10, 20)),
        ("10-10", (10, 10)),
        ("10-", (10, None)),
        ("999999999-", (999_999_999, None)),
    ],
)
def test_lines_are_one_or_a_first_and_a_last(written, lines):
    assert LineRange.parse(written) == lines


@pytest.mark.parametrize(
    "written",
    [
        *("", "-", "0", "-5", "0-5", "1-0", "20-10", "1-2-3", "01", "1.5", "+1", "1,2", "a"),
        *(" 1", "1 ", "1\n", "1 - 2", "\u0661", "1\u20132", "1000000000", "1-1000000000", "1e3"),
    ],
)
def test_lines_written_otherwise_are_refused(written):
    with pytest.raises(LinesInvalid):
        LineRange.parse(written)


def test_lines_come_with_what_ends_them():
    text = "one\ntwo\r\n\rfour\u2028five\U0001d49c\u2029"
    assert excerpt(text, EVERYTHING) == (text, 6, 1, 6, False, None)
    told = [excerpt(text, LineRange(line, line)).text for line in range(1, 7)]
    assert told == ["one\n", "two\r\n", "\r", "four\u2028", "five\U0001d49c\u2029", ""]
    assert excerpt(text, LineRange(2, 3)) == ("two\r\n\r", 6, 2, 3, False, None)
    assert excerpt(text, LineRange(5, None)) == ("five\U0001d49c\u2029", 6, 5, 6, False, None)


def test_a_range_that_ends_beyond_the_file_ends_with_it_and_one_that_begins_there_is_refused():
    assert excerpt("a\nb", LineRange(2, 99)) == ("b", 2, 2, 2, False, None)
    with pytest.raises(LinesBeyondEnd, match="last line of the file is 2"):
        excerpt("a\nb", LineRange(3, 99))


def test_an_empty_text_has_one_line():
    assert excerpt("", EVERYTHING) == ("", 1, 1, 1, False, None)
    with pytest.raises(LinesBeyondEnd):
        excerpt("", LineRange(2, None))


def whole(text: str) -> str:
    """The text put together from its parts."""
    parts, lines = [], EVERYTHING
    while True:
        told = excerpt(text, lines)
        parts.append(told.text)
        if told.next_line is None:
            assert not told.truncated
            return "".join(parts)
        assert told.next_line == told.end_line + 1
        lines = LineRange(told.next_line, None)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40))
def test_the_lines_of_an_excerpt_are_those_that_parsing_counts(text):
    source = SourceText(b"//\n" + text.encode())
    content = source.text.decode()
    lines = [
        excerpt(content, LineRange(number, number)).text
        for number in range(1, len(source.line_starts) + 1)
    ]
    assert "".join(lines) == content == excerpt(content, EVERYTHING).text


@pytest.mark.parametrize("line", ["x" * 79 + "\n", "\U0001d49c" * 20 + "\r\n"])
def test_a_text_that_one_answer_cannot_hold_comes_in_whole_lines(line):
    text = line * (3 * MOST_TEXT_BYTES // len(line.encode()) + 1)
    told = excerpt(text, EVERYTHING)
    assert told.truncated
    assert MOST_TEXT_BYTES - len(line.encode()) < len(told.text.encode()) <= MOST_TEXT_BYTES
    assert told.text.endswith(line)
    assert whole(text) == text


@pytest.mark.parametrize("line", ["\n", '"' * 30 + "\n", "\x01\\\n", "\x1f" * 500 + "\n"])
def test_a_text_that_grows_as_json_comes_in_whole_lines_that_fit(line):
    text = line * (3 * MOST_TEXT_BYTES // len(line))
    told = excerpt(text, EVERYTHING)
    written = len(json.dumps(told.text)) - 2
    assert told.truncated
    assert MOST_WRITTEN_BYTES - len(json.dumps(line)) < written <= MOST_WRITTEN_BYTES
    assert told.text.endswith(line)
    assert whole(text) == text


def test_what_just_fits_is_not_cut():
    text = "a\n" * (MOST_TEXT_BYTES // 2)
    assert not excerpt(text, EVERYTHING).truncated
    told = excerpt(text + "b", EVERYTHING)
    assert (told.truncated, told.text, told.next_line) == (True, text, MOST_TEXT_BYTES // 2 + 1)
    assert not excerpt(text + "b", LineRange(1, MOST_TEXT_BYTES // 2)).truncated


@pytest.mark.parametrize("character", ["x", "\U0001d49c", "ä"])
def test_of_a_line_that_is_too_long_the_beginning_is_told(character):
    text = f"first\na{character * MOST_TEXT_BYTES}\nlast"
    told = excerpt(text, LineRange(2, None))
    assert (told.start_line, told.end_line, told.truncated, told.next_line) == (2, 2, True, 3)
    assert text.split("\n")[1].startswith(told.text)
    assert MOST_TEXT_BYTES - 4 < len(told.text.encode()) <= MOST_TEXT_BYTES
    alone = excerpt(text, LineRange(2, 2))
    assert (alone.truncated, alone.next_line) == (True, None)
    before = excerpt(text, EVERYTHING)
    assert (before.text, before.end_line, before.next_line) == ("first\n", 1, 2)


@pytest.mark.parametrize(
    "character", ["\x01", '"', "\\", "\n", "\x7f", "ä", "\uffff", "\U0001d49c"]
)
def test_whatever_a_text_is_made_of_an_answer_fits_into_lambdas_limit(character):
    told = excerpt(character * 2_000_000, EVERYTHING)
    # The function's body is JSON, and so is what carries it.
    assert (
        len(json.dumps({"body": json.dumps({"text": told.text})})) < LAMBDA_ANSWER_BYTES - 100_000
    )


PATHS = ("broken.ts", "crashed.ts", "good.ts", "lost.ts")


def ask(reader, path: str, **how):
    return texts.of_file(
        reader.database,
        tenant_id=reader.tenant_id,
        path=path,
        **{"repository": "ada/engine", **how},
    )


def engine() -> Commit:
    return Commit(
        PATHS,
        texts={"crashed.ts": "let a;\r\n", "good.ts": "\tone\\\n\ntwo \U0001d49c"},
        failures={"broken.ts": "not_text", "crashed.ts": "parser_crashed", "lost.ts": "odd"},
    )


def test_a_text_comes_back_as_it_was_stored(ada):
    ada.index(engine())
    assert ask(ada, "good.ts").excerpt.text == "\tone\\\n\ntwo \U0001d49c"
    assert ask(ada, "good.ts", lines="3").excerpt == ("two \U0001d49c", 3, 3, 3, False, None)
    assert ask(ada, "crashed.ts").excerpt.text == "let a;\r\n"


def test_a_file_without_a_text_says_why(ada):
    ada.index(engine())
    with pytest.raises(FileNotText, match="not_text"):
        ask(ada, "broken.ts")
    with pytest.raises(FileNotFound):
        ask(ada, "missing.ts")


def test_a_snapshot_of_a_release_without_texts_asks_to_be_indexed_again(ada):
    ada.index(engine())
    ada.scratch.sql("UPDATE kotadb.snapshots SET has_texts = DEFAULT")
    ada.scratch.sql("TRUNCATE kotadb.file_texts")
    for path in ("good.ts", "broken.ts"):
        with pytest.raises(TextNotStored, match="index it again"):
            ask(ada, path)
    ada.index(engine(), commit_sha="b" * 40)
    assert ask(ada, "good.ts", lines="1").excerpt.text == "\tone\\\n"


def test_texts_of_another_ref_or_tenant_are_told_to_whom_they_belong(ada, eve):
    repository_id = ada.index(engine())
    ada.index(Commit(("good.ts",), texts={"good.ts": "old"}), ref="v1", default_ref=None)
    eve.index(Commit(("good.ts",), texts={"good.ts": "eve's"}), name="eve/engine")
    assert ask(ada, "good.ts", ref="v1").excerpt.text == "old"
    assert ask(eve, "good.ts", repository="eve/engine").excerpt.text == "eve's"
    for name in ("ada/engine", str(repository_id)):
        with pytest.raises(RepositoryNotFound):
            ask(eve, "good.ts", repository=name)
