"""Groups of commands whose bare name already does something."""

from __future__ import annotations

from typing import Any

from typer.core import TyperGroup

DEFAULT = "show"


class ShowsByDefault(TyperGroup):
    """What is none of the group's commands is for its command `show`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - click's own signature
        """Put `show` before words that name no command."""
        first = args[0] if args else None
        if first not in self.commands and first not in ctx.help_option_names:
            args = [DEFAULT, *args]
        parsed: list[str] = super().parse_args(ctx, args)
        return parsed
