"""The OpenAPI description as it is served: the file that was generated from the routes."""

from __future__ import annotations

from functools import cache
from importlib import resources


@cache
def description_text() -> str:
    """The description, as JSON.

    Generating it would take a second of a cold start; `kotadb_local.description` does it.
    """
    return resources.files(__package__).joinpath("openapi.json").read_text(encoding="utf-8")
