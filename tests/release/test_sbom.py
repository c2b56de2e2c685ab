import json
import tomllib

import pytest
from tests.release import locks, sbom
from tests.release.licences import ROOT, Licensed, Policy, installed

LAYER = ROOT / "requirements/layer.txt"
POLICY = Policy(allowed=frozenset({"MIT"}), spelled={"MIT License": "MIT"})
LOCK = f"""\
first==1.0 \\
    --hash=sha256:{"a" * 64} \\
    --hash=sha256:{"b" * 64}
    # via kotadb (pyproject.toml)
second==2.0 \\
    --hash=sha256:{"c" * 64}
    # via first
"""


def licensed(**licences):
    return {
        name: Licensed(name=name, version="1", licence=licence, url="https://example.com")
        for name, licence in licences.items()
    }


def made(lock=LOCK, **licences):
    pins = locks.deployed(lock).values()
    return json.loads(sbom.bill(pins, licensed(**licences), POLICY))


def test_a_component_has_its_version_hashes_and_licence():
    bill = made(first="MIT License", second="MIT OR Apache-2.0")
    first, second = bill["components"]
    assert (first["name"], first["version"], first["purl"]) == (
        "first",
        "1.0",
        "pkg:pypi/first@1.0",
    )
    (files,) = first["externalReferences"]
    assert [one["content"] for one in files["hashes"]] == ["a" * 64, "b" * 64]
    assert first["licenses"] == [{"license": {"id": "MIT"}}]
    assert second["licenses"] == [{"expression": "MIT OR Apache-2.0"}]


def test_who_needs_whom_is_told_from_the_project_on():
    needs = {
        one["ref"]: one.get("dependsOn", [])
        for one in made(first="MIT", second="MIT")["dependencies"]
    }
    assert needs == {
        "kotadb": ["pkg:pypi/first@1.0"],
        "pkg:pypi/first@1.0": ["pkg:pypi/second@2.0"],
        "pkg:pypi/second@2.0": [],
    }


def test_a_package_whose_licence_cannot_be_told_is_no_bill():
    with pytest.raises(KeyError, match="second"):
        made(first="MIT")


def test_a_bill_that_breaks_the_schema_is_refused(monkeypatch):
    spoilt = '{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": 7}'
    monkeypatch.setattr(sbom.JsonV1Dot6, "output_as_string", lambda _self, **_options: spoilt)
    with pytest.raises(sbom.BillInvalid):
        made(first="MIT", second="MIT")


def test_the_bill_of_the_layer_holds_what_the_layer_gets_and_nothing_that_changes():
    pins = locks.deployed(LAYER.read_text(encoding="utf-8"))
    texts = {sbom.bill(pins.values(), installed(), Policy.of_the_project()) for _ in range(2)}
    assert len(texts) == 1
    bill = json.loads(texts.pop())
    assert [one["name"] for one in bill["components"]] == sorted(pins)
    assert "tzdata" not in pins  # for Windows alone
    assert not {"serialNumber", "timestamp"} & {*bill, *bill["metadata"]}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    told = bill["metadata"]["component"]
    assert (told["name"], told["version"]) == (project["name"], project["version"])
    (own,) = [one for one in bill["dependencies"] if one["ref"] == "kotadb"]
    assert len(own["dependsOn"]) == len(project["dependencies"])
