"""An exception as a log may hold it: its classes and where it came from, without foreign words.

The text of an exception may quote whatever was at hand: a row, a header, a file of a repository, an
answer of a remote. So only texts are told of which it is known that they cannot: those of our own
errors, and of the classes that speak of code.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator

from indexer.errors import KotaError

# Their texts name attributes, arguments and modules.
OF_CODE = (AssertionError, AttributeError, ImportError, NameError, TypeError)


def trace_of(error: BaseException) -> str:
    """The stack of an exception and of what led to it, the cause first, as Python prints it."""
    return "\n".join(_told(one) for one in reversed(list(_chain(error))))


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    following: BaseException | None = error
    while following is not None and id(following) not in seen:
        seen.add(id(following))
        yield following
        hidden = following.__suppress_context__
        following = following.__cause__ or (None if hidden else following.__context__)


def _told(error: BaseException) -> str:
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else _full_name(kind)
    frames = "".join(traceback.format_tb(error.__traceback__))
    text = f": {error}" if isinstance(error, (KotaError, *OF_CODE)) else ""
    return f"Traceback (most recent call last):\n{frames}{name}{text}"


def _full_name(kind: type[BaseException]) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"
