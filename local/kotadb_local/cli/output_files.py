"""Files that a command writes: whole, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

import typer


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A file to be written, which takes its name when the block ends well; else nothing is left.

    What is no file, such as a pipe or a device, is written to as it is.

    Raises:
        OSError: it cannot be written, before the block or in it.
    """
    if path.exists() and not path.is_file():
        with path.open("wb") as device:
            yield device
        return
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        with unfinished.open("wb") as file:
            yield file
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


@contextmanager
def output_file(path: Path) -> Iterator[BinaryIO]:
    """As `replacing`, for the file that --output names.

    Raises:
        typer.BadParameter: nothing can be written there.
        OSError: it cannot be written any more.
    """
    with ExitStack() as stack:
        try:
            file = stack.enter_context(replacing(path))
        except OSError as error:
            raise typer.BadParameter(f"{error.strerror}: {path}", param_hint="--output") from None
        yield file
