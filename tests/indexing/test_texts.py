import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.indexing.texts import packed, unpacked
from indexer.sandbox.wire import MessageRefused

storable = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@given(storable)
def test_a_text_comes_back_as_it_was_packed(text):
    assert unpacked(packed(text.encode()), file_bytes=len(text.encode())) == text.encode()


@pytest.mark.parametrize(
    "piece",
    [
        b"",
        b"no such thing",
        packed(b"whole")[:-1],
        packed(b"a\0b"),
        packed(b"\xff"),
        packed("\ud800".encode("utf-8", "surrogatepass")),
        zlib.compress(bytes(10_000_000)),
        zlib.compress(b"x" * 301),
    ],
)
def test_what_no_honest_child_sends_is_refused_before_it_fills_the_memory(piece):
    with pytest.raises(MessageRefused):
        unpacked(piece, file_bytes=100)
