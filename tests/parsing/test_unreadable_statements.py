"""What is left of a file that one statement makes unreadable."""

import pytest

from indexer.parsing.repair import without_unreadable


def reads(part: bytes) -> bool:
    return b"?" not in part


def lines(text: bytes) -> list[bytes]:
    return [line for line in text.split(b"\n") if line.strip()]


@pytest.mark.parametrize(
    ("text", "rest", "left_out"),
    [
        (b"const a = 1;\nlet b = ?;\n// c\nclass C {}\n", b"const a = 1;\nclass C {}\n", 1),
        (b"const a = 1;\nconst b = 2;\n", b"const a = 1;\nconst b = 2;\n", 0),
        (b"const a = ?;\nlet b = ?;\nlet c = 1;\n", b"const a = ?;\nlet b = ?;\nlet c = 1;\n", 0),
        (b"lets = ?;\n  let b = ?;\n", b"lets = ?;\n  let b = ?;\n", 0),
        (b"", b"", 0),
    ],
    ids=["one of three", "all can be read", "most cannot", "none begins a line", "nothing"],
)
def test_statements_that_cannot_be_read_are_blank(text, rest, left_out):
    mended, count = without_unreadable(text, reads)
    assert count == left_out
    assert len(mended) == len(text)
    assert mended.count(b"\n") == text.count(b"\n")
    assert lines(mended) == lines(rest)


def test_a_file_of_too_many_statements_is_not_read_one_by_one():
    read = []
    text = b"let a = ?;\n" + b"let b = 1;\n" * 5_000
    assert without_unreadable(text, lambda part: bool(read.append(part))) == (text, 0)
    assert read == []
