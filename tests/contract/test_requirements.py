import re

import pytest
from packaging.utils import canonicalize_name
from tests.contract.project import functions, pyproject, text
from tests.release.locks import Pin, read

# What each lock holds besides the project's own dependencies.
LOCKS = {"layer": (), "local": ("local",), "dev": ("local", "dev")}
_REQUIREMENT = re.compile(r"^([a-z0-9][a-z0-9._-]*)(?:\[[a-z,-]+\])?==([^\s;\\]+)")


def pins(lock: str) -> dict[str, Pin]:
    return {pin.name: pin for pin in read(text(lock))}


def wanted(extras: tuple[str, ...]) -> dict[str, str]:
    project = pyproject()["project"]
    listed = [
        *project["dependencies"],
        *(one for extra in extras for one in project["optional-dependencies"][extra]),
    ]
    matches = [_REQUIREMENT.match(one) for one in listed]
    return {canonicalize_name(match[1]): match[2] for match in matches}


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_what_the_project_asks_for(lock):
    locked = {name: pin.version for name, pin in pins(f"requirements/{lock}.txt").items()}
    assert locked.items() >= wanted(LOCKS[lock]).items()


@pytest.mark.parametrize("lock", LOCKS)
def test_each_package_of_a_lock_has_hashes(lock):
    locked = pins(f"requirements/{lock}.txt")
    assert [pin.name for pin in locked.values() if not pin.hashes] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_place_to_fetch_from(lock):
    lines = text(f"requirements/{lock}.txt").splitlines()
    options = [line for line in lines if line.startswith("-")]
    assert options == []
    assert [line for line in lines if "://" in line or " @ " in line] == []


def test_what_is_deployed_is_what_was_tested():
    layer, local, dev = (pins(f"requirements/{lock}.txt") for lock in LOCKS)
    assert layer.items() <= local.items()
    assert local.items() <= dev.items()


def test_the_layer_is_built_from_its_lock():
    assert text("layers/indexer/requirements.txt") == text("requirements/layer.txt")


def test_a_function_brings_no_packages_beside_the_layer():
    for function in functions().values():
        assert pins(f"{function['CodeUri']}/requirements.txt") == {}


def test_every_requirement_of_the_project_is_an_exact_version():
    project = pyproject()["project"]
    extras = project["optional-dependencies"].values()
    listed = [*project["dependencies"], *(one for extra in extras for one in extra)]
    assert [one for one in listed if not _REQUIREMENT.match(one)] == []
