"""Writes the bill of materials of what is deployed, in CycloneDX 1.6: `make sbom`.

Made from the hashed requirements of the layer, for the machine of the functions. The same
requirements give the same bytes: it holds no time and no random number.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, XsUri
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL
from tests.release import locks
from tests.release.licences import ROOT, Licensed, Policy, installed

_LICENCES = LicenseFactory()


class BillInvalid(Exception):
    """The bill does not keep to the schema of CycloneDX."""


def _component(pin: locks.Pin, licensed: Licensed, policy: Policy) -> Component:
    url = PackageURL("pypi", None, pin.name, pin.version)
    licence = policy.expression(licensed.licence) or licensed.licence
    files = ExternalReference(
        type=ExternalReferenceType.DISTRIBUTION,
        url=XsUri(str(url)),
        comment="one of these files is installed: which one depends on machine and Python",
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=one) for one in pin.hashes],
    )
    return Component(
        type=ComponentType.LIBRARY,
        name=pin.name,
        version=pin.version,
        bom_ref=str(url),
        purl=url,
        licenses=[_LICENCES.make_from_string(licence)],
        external_references=[files],
    )


def bill(pins: Iterable[locks.Pin], licensed: dict[str, Licensed], policy: Policy) -> str:
    """The bill as JSON: the project, its packages, their hashes and licences, and who needs whom.

    Raises:
        KeyError: a package is not installed, so its licence cannot be told.
        BillInvalid: the outcome is not what the schema of CycloneDX asks for.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    root = Component(
        type=ComponentType.APPLICATION,
        name=project["name"],
        version=project["version"],
        description=project["description"],
        bom_ref=project["name"],
        licenses=[_LICENCES.make_from_string(project["license"])],
    )
    chosen = {pin.name: pin for pin in pins}
    components = {
        name: _component(pin, licensed[name], policy) for name, pin in sorted(chosen.items())
    }
    everybody = {project["name"]: root, **components}
    made = Bom(components=components.values())
    made.metadata.component = root
    for name, one in everybody.items():
        needs = [components[other] for other, pin in chosen.items() if name in pin.asked_by]
        made.register_dependency(one, needs)
    made.serial_number = None  # type: ignore[assignment]
    made.metadata.timestamp = None  # type: ignore[assignment]
    text = JsonV1Dot6(made).output_as_string(indent=2)
    if fault := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text):
        raise BillInvalid(str(fault))
    return text + "\n"


def main() -> int:
    """Print the bill, or write it."""
    arguments = argparse.ArgumentParser(prog="python -m tests.release.sbom", description=__doc__)
    arguments.add_argument("--output", type=Path, help="write it there")
    output = arguments.parse_args().output
    layer = locks.deployed((ROOT / "requirements/layer.txt").read_text(encoding="utf-8"))
    text = bill(layer.values(), installed(), Policy.of_the_project())
    if output is None:
        sys.stdout.write(text)
    else:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(text, encoding="utf-8")
        print(f"{output}: {len(layer)} packages")
    return 0


if __name__ == "__main__":
    sys.exit(main())
