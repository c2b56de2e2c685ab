"""The folder that `sam build` writes: the functions, the layer, and the template about them."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from indexer.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path

DEPLOYED_ARCHITECTURE: Final = "arm64"
LAYER: Final = "IndexerLayer"
DEFAULT_TMP_MB: Final = 512
"""Of /tmp, where a template says nothing."""

_ARCHITECTURES: Final = {
    "x86_64": "x86_64",
    "amd64": "x86_64",
    "aarch64": "arm64",
    "arm64": "arm64",
}


class BuildMissing(ConfigurationError):
    """There is no build, or it is not a whole one."""

    code = "build_missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltFunction:
    """A function as it would be deployed. Sizes in mebibytes, `timeout` in seconds."""

    name: str
    handler: str
    code: Path
    layer: Path
    memory_mb: int
    timeout: int
    tmp_mb: int


def own_architecture() -> str:
    """What Lambda calls the processor of this machine.

    Raises:
        BuildMissing: Lambda has none such.
    """
    machine = platform.machine().lower()
    try:
        return _ARCHITECTURES[machine]
    except KeyError:
        raise BuildMissing(
            f"Lambda runs on x86_64 and arm64, and this machine is {machine}"
        ) from None


def template_for(template: str, architecture: str) -> str:
    """The text of the stack's template, for another processor than the one that is deployed on."""
    return template.replace(DEPLOYED_ARCHITECTURE, architecture)


def build_folder(project: Path, architecture: str) -> Path:
    """Where the build for a processor lies; `sam deploy` looks where the deployed one does."""
    name = "build" if architecture == DEPLOYED_ARCHITECTURE else f"build-{architecture}"
    return project / ".aws-sam" / name


def built_functions(build: Path) -> list[BuiltFunction]:
    """The functions of a build, in the order of their template.

    Raises:
        BuildMissing: it lacks its template, a function or the layer.
    """
    import yaml

    try:
        template: dict[str, Any] = yaml.safe_load((build / "template.yaml").read_text())
    except FileNotFoundError:
        raise BuildMissing(f"there is no build in {build}; make one with: make build") from None
    resources = template["Resources"]
    parameters = {name: one.get("Default") for name, one in template.get("Parameters", {}).items()}
    layer = build / resources[LAYER]["Properties"]["ContentUri"]
    found = [
        _function(name, one["Properties"], build, layer, parameters)
        for name, one in resources.items()
        if one["Type"] == "AWS::Serverless::Function"
    ]
    for folder in (layer, *(one.code for one in found)):
        if not folder.is_dir():
            raise BuildMissing(
                f"the build in {build} lacks {folder.name}; make it anew: make build"
            )
    return found


def bytes_of(folder: Path) -> int:
    """The sizes of all files below a folder: what Lambda counts as the unpacked size."""
    return sum(
        os.lstat(os.path.join(at, file)).st_size  # noqa: PTH118 - thousands of files
        for at, _, files in os.walk(folder)
        for file in files
    )


def _function(
    name: str, properties: dict[str, Any], build: Path, layer: Path, parameters: dict[str, Any]
) -> BuiltFunction:
    memory = properties["MemorySize"]
    return BuiltFunction(
        name=name,
        handler=properties["Handler"],
        code=build / properties["CodeUri"],
        layer=layer,
        memory_mb=int(parameters[memory["Ref"]] if isinstance(memory, dict) else memory),
        timeout=int(properties["Timeout"]),
        tmp_mb=int(properties.get("EphemeralStorage", {}).get("Size", DEFAULT_TMP_MB)),
    )
