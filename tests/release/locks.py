"""The requirements files as `make lock` writes them: versions, their hashes, who asked for each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

# Where the functions run: markers are asked about this, not about the machine at hand.
DEPLOYED: Mapping[str, str] = {
    "implementation_name": "cpython",
    "implementation_version": "3.13.0",
    "os_name": "posix",
    "platform_machine": "aarch64",
    "platform_python_implementation": "CPython",
    "platform_system": "Linux",
    "python_full_version": "3.13.0",
    "python_version": "3.13",
    "sys_platform": "linux",
}
_VERSION = re.compile(r"==([^,*\s]+)")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})\b")
_ASKED_BY = re.compile(r"^ +# (?:via| ) +(\S+)", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """One package of a lock. `asked_by` holds canonical names; the project's own is one of them.

    Two are equal when the same files would be installed.
    """

    name: str
    version: str
    hashes: tuple[str, ...]
    asked_by: tuple[str, ...] = field(compare=False)
    requirement: Requirement = field(compare=False)

    def holds_in(self, environment: Mapping[str, str]) -> bool:
        """Whether the package is installed where the variables of markers have these values."""
        marker = self.requirement.marker
        return marker is None or marker.evaluate(dict(environment))


def read(text: str) -> list[Pin]:
    """Every entry of a lock; a package may have several, for different environments.

    Raises:
        ValueError: an entry is no exact version with a SHA-256 hash.
    """
    found = []
    for entry in re.split(r"\n(?=[^\s#])", "\n" + text)[1:]:
        head = entry.splitlines()[0].removesuffix("\\").strip()
        if head.startswith("-"):
            raise ValueError(f"an option is no package: {head}")
        requirement = Requirement(head)
        version = _VERSION.fullmatch(str(requirement.specifier))
        hashes = tuple(_HASH.findall(entry))
        if requirement.url or version is None:
            raise ValueError(f"not pinned to a version: {head}")
        if not hashes:
            raise ValueError(f"without a hash: {head}")
        pin = Pin(
            name=canonicalize_name(requirement.name),
            version=version[1],
            hashes=hashes,
            asked_by=tuple(canonicalize_name(one) for one in _ASKED_BY.findall(entry)),
            requirement=requirement,
        )
        found.append(pin)
    return found


def deployed(text: str) -> dict[str, Pin]:
    """The packages of a lock that the functions get, by their names."""
    return _chosen(text, DEPLOYED)


def here(text: str) -> dict[str, Pin]:
    """The packages of a lock that the running Python gets, by their names."""
    return _chosen(text, {name: str(value) for name, value in default_environment().items()})


def _chosen(text: str, environment: Mapping[str, str]) -> dict[str, Pin]:
    return {pin.name: pin for pin in read(text) if pin.holds_in(environment)}
