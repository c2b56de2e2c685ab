"""`python -m kotadb_local.built.build`: makes the build that is deployed, or one for this machine.

SAM builds; then unused parts are left out and modules are compiled. What comes out is measured
against the limits of the project, which are tighter than Lambda's.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from indexer.errors import ConfigurationError
from indexer.settings import MEBIBYTE
from kotadb_local.built.artifacts import (
    DEPLOYED_ARCHITECTURE,
    build_folder,
    built_functions,
    bytes_of,
    own_architecture,
    template_for,
)
from kotadb_local.built.trim import FUNCTION_AT, LAYER_AT, compile_modules, drop_unused_services
from kotadb_local.state import project_directory

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

PYTHON: Final = (3, 13)
"""The Python of the functions, as the template says."""

LARGEST_MB: Final = 120
"""A function with its layer, unpacked; Lambda takes 250."""

FAILED, UNUSABLE = 1, 2
_REGION: Final = "us-east-1"


class PythonMissing(ConfigurationError):
    """The Python of the functions is not on this machine."""

    code = "python_missing"

    def __init__(self) -> None:
        version = ".".join(map(str, PYTHON))
        super().__init__(
            f"the functions run on Python {version}, and no working python{version} was found; "
            f"install it, or name it: make build PYTHON{version.replace('.', '')}=/path/to/python"
        )


def find_python(named: str | None) -> Path:
    """The interpreter of the functions' version: the one named, one on the path, or pyenv's.

    A shim of pyenv stands for versions that may not be active, so each candidate has to run.

    Raises:
        PythonMissing: none of them does, or it is of another version.
    """
    for candidate in [named] if named else _candidates(os.environ):
        with suppress(OSError, subprocess.CalledProcessError):
            told = subprocess.run(
                [
                    candidate,
                    "-c",
                    "import sys; print(*sys.version_info[:2]); print(sys.executable)",
                ],
                check=True,
                capture_output=True,
                text=True,
            ).stdout.splitlines()
            if told[0] == " ".join(map(str, PYTHON)):
                return Path(told[1])
    raise PythonMissing


def _candidates(environment: Mapping[str, str]) -> Iterator[str]:
    name = "python" + ".".join(map(str, PYTHON))
    for folder in environment.get("PATH", "").split(os.pathsep):
        if found := shutil.which(name, path=folder):
            yield found
    root = Path(environment.get("PYENV_ROOT") or Path.home() / ".pyenv")
    for version in sorted(root.glob(f"versions/{'.'.join(map(str, PYTHON))}*")):
        yield str(version / "bin" / name)


def build(project: Path, sam: Path, python: Path, architecture: str) -> Path:
    """Build the stack for a processor; the folder that it lies in, ready to be deployed or run.

    Raises:
        subprocess.CalledProcessError: SAM or a module's compilation failed, and has said why.
    """
    target = build_folder(project, architecture)
    template = project / "template.yaml"
    environment = {
        **os.environ,
        # SAM takes the first interpreter of the version that it finds.
        "PATH": f"{python.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "SAM_CLI_TELEMETRY": "0",
        "AWS_DEFAULT_REGION": os.environ.get("AWS_DEFAULT_REGION", _REGION),
    }
    if architecture != DEPLOYED_ARCHITECTURE:
        text = template_for(template.read_text(), architecture)
        template = project / ".aws-sam" / f"template-{architecture}.yaml"
        template.parent.mkdir(exist_ok=True)
        template.write_text(text)
    for command in (
        ["validate", "--lint", "--template", str(template)],
        [
            *("build", "--template", str(template), "--base-dir", str(project)),
            *("--build-dir", str(target), "--cached", "--parallel"),
        ],
    ):
        subprocess.run([sam, *command], cwd=project, env=environment, check=True)
    functions = built_functions(target)
    for layer in {one.layer for one in functions}:
        packages = layer / "python"
        drop_unused_services(packages)
        compile_modules(packages, python=python, deployed_at=f"{LAYER_AT}/python")
    for one in functions:
        compile_modules(one.code, python=python, deployed_at=FUNCTION_AT)
    return target


def sizes(target: Path) -> list[tuple[str, int, int]]:
    """Of each function of a build: its name, the bytes of its own code, and those of its layer."""
    functions = built_functions(target)
    layers = {layer: bytes_of(layer) for layer in {one.layer for one in functions}}
    return [(one.name, bytes_of(one.code), layers[one.layer]) for one in functions]


def main(arguments: Sequence[str] | None = None) -> int:
    """Build, and say how large it came out; 1: it failed or is too large, 2: it cannot be made."""
    parser = argparse.ArgumentParser(prog="kotadb_local.built.build", description=__doc__)
    parser.add_argument("--sam", type=Path, required=True, help="the SAM CLI")
    parser.add_argument("--python", help="the Python of the functions, else it is looked for")
    parser.add_argument(
        "--here", action="store_true", help="for this machine's processor, to be run on it"
    )
    parser.add_argument(
        "--print-python", action="store_true", help="only say which Python that would be"
    )
    wanted = parser.parse_args(arguments)
    try:
        python = find_python(wanted.python)
        if wanted.print_python:
            print(python)
            return 0
        architecture = own_architecture() if wanted.here else DEPLOYED_ARCHITECTURE
        target = build(project_directory(), wanted.sam, python, architecture)
    except ConfigurationError as error:
        print(f"error: {error}", file=sys.stderr)
        return UNUSABLE
    except subprocess.CalledProcessError as error:
        print(f"error: {Path(error.cmd[0]).name} failed", file=sys.stderr)
        return FAILED
    print(f"\nBuilt for {architecture}: {target.relative_to(project_directory())}")
    largest = 0
    for name, code, layer in sizes(target):
        largest = max(largest, code + layer)
        print(
            f"  {name:15} {(code + layer) / MEBIBYTE:6.1f} MB unpacked: "
            f"{code / MEBIBYTE:.1f} MB of its own, {layer / MEBIBYTE:.1f} MB of the layer"
        )
    if largest > LARGEST_MB * MEBIBYTE:
        print(f"error: that is more than {LARGEST_MB} MB", file=sys.stderr)
        return FAILED
    return 0


if __name__ == "__main__":
    sys.exit(main())
