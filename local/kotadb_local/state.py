"""Where a local run keeps what outlives it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

VARIABLE = "KOTADB_HOME"


def project_directory() -> Path:
    """The checkout that this code lies in; the current folder when it was installed elsewhere."""
    checkout = Path(__file__).resolve().parents[2]
    return checkout if (checkout / "pyproject.toml").exists() else Path.cwd()


def state_directory(environment: Mapping[str, str], *, project: Path) -> Path:
    """`.kotadb` in the project, or what KOTADB_HOME names. It may not exist yet."""
    named = environment.get(VARIABLE, "").strip()
    return Path(named).absolute() if named else project / ".kotadb"
