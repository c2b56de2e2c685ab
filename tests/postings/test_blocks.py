from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.postings.blocks import (
    BLOCK_BYTES,
    SEGMENT_FILES,
    Block,
    BlockDamaged,
    blocks_of,
    blocks_with,
    files_holding,
    renumbered_blocks,
)


def looked_up(blocks: list[Block], segment: int, trigram: int) -> int:
    """As a reader does it: the last block of the segment that begins no later."""
    before = [one for one in blocks if one.segment == segment and one.first_trigram <= trigram]
    return files_holding(before[-1].content, trigram, segment=segment) if before else 0


FILES = st.lists(st.sets(st.integers(0, 60)), max_size=20)


@settings(max_examples=50)
@given(FILES, st.sampled_from([1, 3, 500, 9_000]))
def test_every_trigram_leads_to_the_files_that_hold_it(files, distance):
    numbered = [(at * distance, held) for at, held in enumerate(files)]
    blocks = list(blocks_of(numbered))
    for trigram in range(61):
        found = 0
        for segment in {no // SEGMENT_FILES for no, _ in numbered}:
            found |= looked_up(blocks, segment, trigram)
        assert found == sum(1 << no for no, held in numbered if trigram in held)


def test_blocks_stand_in_order_and_keep_to_their_size():
    files = [(no, range(no % 7, 6_000, 1 + no % 3)) for no in range(300)]
    blocks = list(blocks_of(files))
    assert len(blocks) > 10
    assert [one.first_trigram for one in blocks] == sorted({one.first_trigram for one in blocks})
    assert all(len(one.content) <= BLOCK_BYTES + 2 for one in blocks)


def test_a_list_is_written_the_shorter_way():
    rare = list(blocks_of([(no, [7]) for no in (1, 60_000)]))
    common = list(blocks_of([(no, [7]) for no in range(2_000)]))
    assert len(rare[0].content) == 2 + 6 + 2 * 2
    assert len(common[0].content) == 2 + 6 + 2_000 // 8


def test_a_list_as_long_as_a_segment_is_one_block():
    (block,) = blocks_of([(no, [7]) for no in range(SEGMENT_FILES)])
    assert files_holding(block.content, 7, segment=0) == (1 << SEGMENT_FILES) - 1
    assert files_holding(block.content, 7, segment=1) == (1 << SEGMENT_FILES) - 1 << SEGMENT_FILES
    assert files_holding(block.content, 6, segment=0) == 0
    assert files_holding(block.content, 8, segment=0) == 0


@pytest.mark.parametrize(
    "damaged",
    [b"", b"\x01", struct.pack("<H", 1), struct.pack("<HI", 1, 7), struct.pack("<HIH", 1, 7, 2)],
)
def test_what_is_no_block_is_refused(damaged):
    with pytest.raises(BlockDamaged):
        files_holding(damaged, 7, segment=0)


def test_no_files_have_no_blocks():
    assert list(blocks_of([])) == []
    assert list(blocks_of([(0, [])])) == []


@settings(max_examples=100)
@given(
    FILES,
    st.dictionaries(st.integers(0, 19), st.sets(st.integers(0, 70))),
    st.sampled_from([1, 7_000]),
)
def test_files_with_other_trigrams_give_the_blocks_that_they_give_from_the_start(
    files, replaced, distance
):
    numbered = {at * distance: held for at, held in enumerate(files)}
    others = {at * distance: held for at, held in replaced.items()}
    before = list(blocks_of(sorted(numbered.items())))
    after = list(blocks_of(sorted((numbered | others).items())))
    assert list(blocks_with(before, others)) == after
    had = {number: numbered.get(number, set()) for number in others}
    assert list(blocks_with(before, others, had)) == after


@settings(max_examples=60)
@given(st.data())
def test_blocks_that_stay_are_those_that_would_be_cut(data):
    """Of many files, so that there are many blocks; each has a run of trigrams, with gaps."""
    runs = st.tuples(st.integers(0, 9_000), st.integers(0, 400), st.sampled_from([1, 1, 2, 37]))

    def trigrams(run):
        start, count, step = run
        return set(range(start, start + count * step, step))

    files = {no: trigrams(run) for no, run in enumerate(data.draw(st.lists(runs, min_size=60)))}
    numbers = st.integers(0, len(files) + 2)
    others = data.draw(st.dictionaries(numbers, runs.map(trigrams), min_size=1, max_size=3))
    before = list(blocks_of(sorted(files.items())))
    had = {no: files.get(no, set()) for no in others}
    after = list(blocks_of(sorted((files | others).items())))
    assert list(blocks_with(before, others, had)) == after
    assert list(blocks_with(before, others)) == after


def test_blocks_in_which_nothing_changes_are_not_looked_into():
    files = {no: set(range(no % 7, 6_000, 1 + no % 3)) for no in range(300)}
    before = list(blocks_of(sorted(files.items())))
    damaged = [*before[:2], *(one._replace(content=b"\x01") for one in before[2:])]
    had, now = {150: files[150]}, {150: files[150] | {1}}
    with pytest.raises(BlockDamaged):
        list(blocks_with(damaged, now))
    assert list(blocks_with(damaged, now, had))[1:] == damaged[1:]


def test_blocks_are_cut_anew_where_a_list_grows():
    files = {no: set(range(no % 7, 6_000, 1 + no % 3)) for no in range(300)}
    others = {150: {3, 6_500}, 2_000: set(range(0, 6_400, 5)), 0: set()}
    before = list(blocks_of(sorted(files.items())))
    after = list(blocks_with(before, others))
    assert after == list(blocks_of(sorted((files | others).items())))
    assert [one.first_trigram for one in after] != [one.first_trigram for one in before]


@pytest.mark.parametrize("content", [b"", b"\x01\x00", struct.pack("<HIH", 1, 7, 4) + b"ab"])
def test_damaged_blocks_are_not_taken_for_others(content):
    with pytest.raises(BlockDamaged):
        list(blocks_with([Block(0, 7, content)], {0: {1}}))


@settings(max_examples=100)
@given(st.lists(st.tuples(st.sets(st.integers(0, 60)), st.integers(0, 3), st.booleans())))
def test_files_with_other_numbers_give_the_blocks_that_they_give_from_the_start(files):
    """Each file with how many come before it now, and whether it is gone."""
    now, numbers = -1, []
    for _held, before, is_gone in files:
        now += before + (not is_gone)
        numbers.append(-1 if is_gone else now)
    held = [one for one, _, _ in files]
    before = list(blocks_of(enumerate(held)))
    kept = [(number, one) for number, one in zip(numbers, held, strict=True) if number >= 0]
    assert list(renumbered_blocks(before, numbers)) == list(blocks_of(kept))


def test_lists_that_are_bits_and_lists_that_are_numbers_move_alike():
    common, rare = range(0, 4_000, 2), (3, 3_999)
    before = list(blocks_of((no, {7} | ({8} if no in rare else set())) for no in common))
    before += list(blocks_of([(no, {9}) for no in rare]))
    numbers = [no + 5 * (no > 2_000) for no in range(4_000)]
    (block,) = renumbered_blocks(before, numbers)
    assert files_holding(block.content, 7, segment=0) == sum(1 << numbers[no] for no in common)
    assert files_holding(block.content, 9, segment=0) == 1 << 3 | 1 << 4_004


@pytest.mark.parametrize("trigrams", [{1}, {1, 2, 3}])
def test_a_list_of_files_that_are_not_there_is_refused(trigrams):
    blocks = list(blocks_of((no, trigrams) for no in range(100)))
    with pytest.raises(BlockDamaged, match="not there"):
        list(renumbered_blocks(blocks, range(99)))
    sparse = list(blocks_of([(0, {1}), (99, {1})]))
    with pytest.raises(BlockDamaged, match="not there"):
        list(renumbered_blocks(sparse, range(99)))
