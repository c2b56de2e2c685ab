from hypothesis import example, given
from hypothesis import strategies as st

from indexer.search.ranges import TextRange, exactly, starting_with

TEXTS = st.text(
    st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=5
)


def holds(wanted: TextRange, text: str) -> bool:
    # As the database compares under COLLATE "C": by bytes.
    inside = wanted.start.encode() <= text.encode()
    return inside and (wanted.below is None or text.encode() < wanted.below.encode())


@given(TEXTS, TEXTS)
@example("\ud7ff", "\ue000")
@example("\U0010ffff", "\U0010ffffx")
@example("a\U0010ffff", "b")
def test_a_prefix_is_the_range_of_the_texts_that_begin_with_it(prefix, text):
    assert holds(starting_with(prefix), text) == text.startswith(prefix)
    assert holds(starting_with(prefix), prefix + text)


@given(TEXTS, TEXTS)
def test_the_range_of_a_text_holds_that_text_only(wanted, text):
    assert holds(exactly(wanted), wanted)
    assert holds(exactly(wanted), text) == (text == wanted)
    assert not holds(exactly(wanted), wanted + text)
