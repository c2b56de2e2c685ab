"""How texts of a repository are shown: without what a reader obeys, short, and with a width."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable
from typing import Final

LONGEST_LABEL: Final = 44
"""In columns of a monospaced font."""

_ELLIPSIS: Final = "…"
_WITHOUT_WIDTH: Final = {"Mn", "Me"}
_WIDE: Final = {"W", "F"}


def printable(text: str) -> str:
    """The text with an escape for each character that does not print or turns others around."""
    return "".join(one if one.isprintable() else repr(one)[1:-1] for one in text)


def columns_of(text: str) -> int:
    """How many columns a printable text takes in a monospaced font."""
    return sum(_columns(one) for one in text)


def shortened(text: str, most: int) -> str:
    """At most so many columns of a printable text: of a longer one its beginning and its end."""
    if columns_of(text) <= most:
        return text
    # How something ends tells more than how it begins: a path ends in the name of its file.
    head = _start(text, most // 3)
    tail = _start(text[::-1], most - columns_of(head) - 1)[::-1]
    return f"{head}{_ELLIPSIS}{tail}"


def labels_of(
    paths: Iterable[str], *, whole: bool = False, most: int = LONGEST_LABEL
) -> dict[str, str]:
    """A short text for each of some paths, another one for each.

    It is the name of the file, with as many folders before it as tell it from the others, or all
    of the path, if `whole`. What looks like another one all the same, since it was shortened or
    does not print, gets a number.
    """
    wanted = sorted(set(paths))
    endings = Counter(ending for path in wanted for ending in _endings(path))
    labels: dict[str, str] = {}
    taken: Counter[str] = Counter()
    for path in wanted:
        shortest = (one for one in _endings(path) if endings[one] == 1 and not whole)
        own = next(shortest, path)
        label = shortened(printable(own), most)
        # A file may be called what a number makes of another one's name.
        while taken[label]:
            taken[label] += 1
            label = f"{label} ({taken[label]})"
        taken[label] += 1
        labels[path] = label
    return labels


def _endings(path: str) -> Iterable[str]:
    """The file's name, then with one folder more each."""
    parts = path.split("/")
    return ("/".join(parts[start:]) for start in range(len(parts) - 1, -1, -1))


def _start(text: str, most: int) -> str:
    columns = 0
    for length, one in enumerate(text):
        columns += _columns(one)
        if columns > most:
            return text[:length]
    return text


def _columns(one: str) -> int:
    if unicodedata.category(one) in _WITHOUT_WIDTH:
        return 0
    return 2 if unicodedata.east_asian_width(one) in _WIDE else 1
