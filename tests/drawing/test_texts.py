from hypothesis import given
from hypothesis import strategies as st
from tests.drawing.graphs import NAMES, PATHS

from indexer.drawing.texts import LONGEST_LABEL, columns_of, labels_of, printable, shortened


def test_a_label_is_as_long_as_tells_it_from_the_others():
    paths = ["src/cart/index.ts", "src/shop/index.ts", "test/shop/index.ts", "src/money.ts", "a.ts"]
    assert labels_of(paths) == {
        "src/cart/index.ts": "cart/index.ts",
        "src/shop/index.ts": "src/shop/index.ts",
        "test/shop/index.ts": "test/shop/index.ts",
        "src/money.ts": "money.ts",
        "a.ts": "a.ts",
    }


def test_a_path_that_is_the_end_of_another_one_stands_for_itself():
    assert labels_of(["index.ts", "src/index.ts"]) == {
        "index.ts": "index.ts",
        "src/index.ts": "src/index.ts",
    }


def test_a_whole_path_is_its_label_if_asked_for():
    paths = ["src/cart", "src/shop", "x" * 100]
    labels = labels_of(paths, whole=True)
    assert [labels[path] for path in paths[:2]] == paths[:2]
    assert columns_of(labels["x" * 100]) == LONGEST_LABEL


def test_labels_that_look_alike_are_numbered():
    long = ["x" * 60 + one + "y" * 60 for one in ("1", "2")]
    first, second = labels_of(long).values()
    assert second == f"{first} (2)"
    assert set(labels_of(["a\x07", "a\\x07", "a\\x07 (2)"]).values()) == {
        *("a\\x07", "a\\x07 (2)", "a\\x07 (2) (2)")
    }


@given(st.lists(PATHS, max_size=12, unique=True))
def test_labels_tell_paths_apart_and_print(paths):
    labels = labels_of(paths)
    assert set(labels) == set(paths)
    assert len(set(labels.values())) == len(paths)
    assert all(label.isprintable() for label in labels.values())
    assert labels_of(reversed(paths)) == labels


@given(NAMES)
def test_what_prints_is_shown_as_it_is_and_all_else_escaped(name):
    shown = printable(name)
    assert shown.isprintable()
    assert printable(shown) == shown
    if name.isprintable():
        assert shown == name


def test_what_would_turn_a_name_around_is_escaped():
    assert printable("a\u202etxt.ts") == "a\\u202etxt.ts"
    assert printable("a\x1b[2J") == "a\\x1b[2J"


@given(st.text(), st.integers(3, 60))
def test_a_shortened_text_has_its_ends_and_is_no_wider_than_allowed(text, most):
    told = shortened(printable(text), most)
    assert columns_of(told) <= most
    if columns_of(printable(text)) <= most:
        assert told == printable(text)
    else:
        head, _, tail = told.partition("…")
        assert printable(text).startswith(head)
        assert printable(text).endswith(tail)


def test_the_end_of_a_long_name_is_kept():
    label = labels_of([f"src/{'very' * 30}Long.controller.ts"]).popitem()[1]
    assert label.endswith("Long.controller.ts")
    assert columns_of(label) == LONGEST_LABEL


def test_wide_and_combining_characters_are_measured():
    assert [columns_of(one) for one in ("abc", "漢字", "e\u0301", "🦊")] == [3, 4, 1, 2]
