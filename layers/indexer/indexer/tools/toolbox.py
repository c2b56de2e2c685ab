"""All tools there are."""

from __future__ import annotations

from typing import Final

from indexer.tools import call_tools, code_tools, graph_tools, repository_tools, symbol_tools
from indexer.tools.registry import Toolbox

TOOLBOX: Final = Toolbox(
    (
        *repository_tools.TOOLS,
        *code_tools.TOOLS,
        *symbol_tools.TOOLS,
        *call_tools.TOOLS,
        *graph_tools.TOOLS,
    )
)
