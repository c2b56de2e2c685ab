"""What the agents' tools say, read as an agent reads it."""

from collections.abc import Callable, Iterator, Sequence

MORE = "There is more; call again with cursor: "


def without_ids(lines: Sequence[str]) -> list[str]:
    """The lines without the ids of symbols, which count up from test to test."""
    return [line.partition("  [symbol")[0].partition(", symbol ")[0] for line in lines]


def pages(call: Callable[..., list[str]], tool: str, **arguments: object) -> Iterator[list[str]]:
    """The lines of each page, without the one that leads to the next."""
    cursor = {}
    while True:
        *lines, last = call(tool, **arguments, **cursor)
        if not last.startswith(MORE):
            yield [*lines, last]
            return
        yield lines
        cursor = {"cursor": last.removeprefix(MORE)}
