"""Makes a built layer smaller and faster to start, without changing what it does.

Lambda unpacks what it is given and keeps no compiled module, so each cold start compiles all that
it imports, unless the compiled modules are in the package.
"""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

KEPT_SERVICES: Final = frozenset({"lambda", "secretsmanager", "sts"})
"""The services of AWS that the functions call, and the one that gives out credentials."""

LAYER_AT, FUNCTION_AT = "/opt", "/var/task"


def drop_unused_services(packages: Path) -> int:
    """Remove the descriptions of the services that nothing here calls; how many there were.

    They are the larger part of botocore. What is no folder (partitions, defaults) stays.
    """
    dropped = 0
    for parent in ("botocore", "boto3"):
        for service in (packages / parent / "data").iterdir():
            if service.is_dir() and service.name not in KEPT_SERVICES:
                shutil.rmtree(service)
                dropped += parent == "botocore"
    shutil.rmtree(packages / "boto3" / "examples", ignore_errors=True)
    return dropped


def compile_modules(folder: Path, *, python: Path, deployed_at: str) -> None:
    """Compile every module below a folder with the interpreter that will run it.

    The compiled modules are taken without a look at their sources (nothing changes there), and name
    files as they lie in Lambda.

    Raises:
        subprocess.CalledProcessError: a module cannot be compiled.
    """
    subprocess.run(
        [
            *(python, "-m", "compileall", "-q", "-j", "0"),
            *("--invalidation-mode", "unchecked-hash"),
            *("-s", str(folder), "-p", deployed_at, str(folder)),
        ],
        check=True,
    )
