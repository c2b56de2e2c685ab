"""The rivals, at pinned versions, in a folder of their own outside the project.

A rival that cannot be installed is left out with the reason; the others are measured all the same.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

PYTHON_PACKAGES = ("procrastinate==3.10.0", "pgqueuer==1.6.0", "asyncpg==0.32.0", "psycopg[binary]")
# Node comes along: both libraries want a newer one than many machines have.
NODE_PACKAGES = ("pg-boss@12.38.0", "graphile-worker@0.18.0", "pg@8.23.1", "node@22.23.3")
INSTALL_SECONDS = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """What runs drivers: the command before the driver's file, and its environment."""

    command: tuple[str, ...]
    environment: dict[str, str]


class NotInstalled(Exception):
    """A package manager failed; the text is its last words."""


def default_folder() -> Path:
    """Where rivals lie: the user's cache."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "kotadb-bench-queue"


def python_runtime(folder: Path) -> Runtime:
    """A virtual environment with the rivals that are written in Python.

    Raises:
        NotInstalled: it could not be made.
    """
    home = folder / "python"
    python = home / "bin" / "python"
    wanted = "\n".join(PYTHON_PACKAGES)
    stamp = home / "installed.txt"
    if not _stands(stamp, wanted):
        _call([sys.executable, "-m", "venv", "--clear", str(home)])
        _call([str(python), "-m", "pip", "install", "--quiet", *PYTHON_PACKAGES])
        stamp.write_text(wanted)
    return Runtime(command=(str(python),), environment={})


def node_runtime(folder: Path) -> Runtime:
    """A folder of node modules with the rivals that are written in TypeScript, and its own Node.

    Raises:
        NotInstalled: it could not be made.
    """
    home = folder / "node"
    modules = home / "node_modules"
    wanted = "\n".join(NODE_PACKAGES)
    stamp = home / "installed.txt"
    if not _stands(stamp, wanted):
        home.mkdir(parents=True, exist_ok=True)
        (home / "package.json").write_text(json.dumps({"private": True}))
        _call(["npm", "install", "--no-audit", "--no-fund", *NODE_PACKAGES], cwd=home)
        stamp.write_text(wanted)
    return Runtime(
        command=(str(modules / ".bin" / "node"),),
        environment={"BENCH_NODE_MODULES": str(modules)},
    )


def _stands(stamp: Path, wanted: str) -> bool:
    return stamp.exists() and stamp.read_text() == wanted


def _call(command: Sequence[str], *, cwd: Path | None = None) -> None:
    try:
        subprocess.run(
            command, cwd=cwd, check=True, capture_output=True, text=True, timeout=INSTALL_SECONDS
        )
    except subprocess.CalledProcessError as error:
        raise NotInstalled(error.stderr.strip()[-300:]) from None
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotInstalled(str(error)) from None
