"""Commands whose module is imported when somebody names them, so that none waits for the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

import typer

from indexer.collector import imports_that_last


class CommandsOnDemand(Mapping[str, Any]):
    """Commands by name, in the order of `modules`: which commands each module adds.

    The names are known from the beginning; a module is imported, and its `add_to(app)` called, with
    the first look at one of its commands.
    """

    def __init__(self, modules: Mapping[str, tuple[str, ...]]) -> None:
        self._modules = {name: module for module, names in modules.items() for name in names}
        self._loaded: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 - a command, as typer makes it
        if name not in self._loaded:
            app = typer.Typer()
            with imports_that_last():
                import_module(self._modules[name]).add_to(app)
                self._loaded |= typer.main.get_group(app).commands
        return self._loaded[name]

    def __contains__(self, name: object) -> bool:
        return name in self._modules

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __len__(self) -> int:
        return len(self._modules)
