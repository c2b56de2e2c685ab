import json
import re
from pathlib import Path

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from tests.contract.project import ROOT

from indexer import __version__
from kotadb_local.description import (
    APPLICATIONS,
    SECURITY,
    TAGS,
    DescriptionsConflict,
    describe,
    write_description,
)
from kotadb_local.description_examples import BODIES, LINKS, PARAMETERS

FILE = "docs/openapi.json"
SERVED = "layers/indexer/indexer/http/openapi.json"
DESCRIPTION = describe()


def every_operation():
    return [
        (method, path, operation)
        for path, item in DESCRIPTION["paths"].items()
        for method, operation in item.items()
    ]


def operations():
    return [
        pytest.param(path, operation, id=f"{method} {path}")
        for method, path, operation in every_operation()
    ]


each_operation = pytest.mark.parametrize(("path", "operation"), operations())


@pytest.mark.proves("D2")
def test_the_description_in_the_repository_is_that_of_the_routes(pytestconfig):
    file = ROOT / FILE
    if pytestconfig.getoption("--update-docs"):
        file.write_text(write_description(), encoding="utf-8")
    assert file.read_text(encoding="utf-8") == write_description()


@pytest.mark.proves("D2")
def test_every_route_is_described():
    registered = [
        (route.method.lower(), route.openapi_path)
        for application in APPLICATIONS
        for route in application.routes
    ]
    assert sorted((method, path) for method, path, _ in every_operation()) == sorted(registered)
    assert ("get", "/health") in registered


@pytest.mark.proves("D2")
def test_the_service_gives_the_very_file(stranger):
    answer = stranger.get("/openapi.json")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    assert answer.text == (ROOT / FILE).read_text(encoding="utf-8")


def test_the_file_is_packed_with_the_layer_by_a_link_within_the_checkout():
    served = ROOT / SERVED
    assert served.is_symlink()
    assert not served.readlink().is_absolute()
    assert served.resolve() == ROOT / FILE


def test_the_description_is_valid():
    OpenAPIV31SpecValidator(json.loads((ROOT / FILE).read_text(encoding="utf-8"))).validate()
    assert DESCRIPTION["info"]["version"] == __version__


@pytest.mark.proves("D2")
def test_the_404_that_hides_other_tenants_is_described():
    described = DESCRIPTION["paths"]["/jobs/{job_id}"]["get"]["responses"]["404"]
    assert "another tenant's" in described["description"]
    assert "another tenant" in DESCRIPTION["info"]["description"]


@each_operation
def test_an_operation_says_what_it_is_for_and_who_may_ask(path, operation):
    assert path.startswith("/")
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", operation["operationId"])
    assert operation["summary"][0].isupper()
    assert not operation["summary"].endswith(".")
    (tag,) = operation["tags"]
    assert tag in TAGS
    assert operation["security"] in ([], *([{name: []}] for name in SECURITY))


def test_operations_have_names_of_their_own():
    names = [operation["operationId"] for _, _, operation in every_operation()]
    assert len(names) == len(set(names))
    assert {*BODIES, *LINKS} <= set(names)


def test_no_tag_and_no_example_is_there_for_nothing():
    used = {tag for _, _, operation in every_operation() for tag in operation["tags"]}
    assert used == set(TAGS)
    named = {
        parameter["name"]
        for _, _, operation in every_operation()
        for parameter in operation.get("parameters", ())
    }
    assert set(PARAMETERS) <= named


@each_operation
def test_what_a_request_is_made_of_is_explained_by_example(path, operation):
    for parameter in operation.get("parameters", ()):
        schema = parameter["schema"]
        of_a_few = {"enum", "$ref"} & set(schema) or schema.get("type") == "boolean"
        assert of_a_few or "example" in parameter, parameter["name"]
        assert (parameter["in"] == "path") == (f"{{{parameter['name']}}}" in path)
        assert parameter["in"] == "path" or parameter["description"], parameter["name"]
        assert {"type": "null"} not in schema.get("anyOf", ())
    if body := operation.get("requestBody"):
        (content,) = body["content"].values()
        assert content["examples"]


@pytest.mark.proves("D2")
@each_operation
def test_every_error_is_described_in_the_one_shape(path, operation):
    responses = operation["responses"]
    needed = {"500"}
    if operation["security"]:
        needed |= {"401", "422", "503"}
    if {"apiKey": []} in operation["security"]:
        needed |= {"429"}
    if operation.get("requestBody"):
        needed |= {"400", "413", "415"}
    if "{" in path:
        needed |= {"404"}
    assert needed <= set(responses)
    for status, response in responses.items():
        assert "X-Request-Id" in response["headers"]
        if int(status) >= 400:
            content = response["content"]["application/json"]
            assert content["schema"]["$ref"] == "#/components/schemas/ProblemBody"
            codes = content["schema"]["properties"]["code"]["enum"]
            assert codes == sorted(re.findall(r"^`(\w+)`: ", response["description"], re.MULTILINE))
            for code in codes:
                assert content["examples"][code]["value"]["code"] == code


def test_the_description_holds_no_reference_that_leads_nowhere():
    text = json.dumps(DESCRIPTION)
    for kind, members in DESCRIPTION["components"].items():
        if kind == "securitySchemes":
            continue
        referred = {piece.partition('"')[0] for piece in text.split(f'"#/components/{kind}/')[1:]}
        assert referred == set(members)


def test_two_functions_cannot_describe_one_name_differently():
    class Other:
        resolver = APPLICATIONS[0].resolver
        routes = ()

    with pytest.raises(DescriptionsConflict):
        describe([*APPLICATIONS, Other()])


def test_the_guide_names_every_route_and_every_code_of_the_description():
    guide = Path(ROOT / "docs/api.md").read_text(encoding="utf-8")
    for method, path, operation in every_operation():
        assert f"{method.upper()} {path}" in guide
        for status, response in operation["responses"].items():
            if int(status) >= 400:
                codes = response["content"]["application/json"]["examples"]
                assert [code for code in codes if f"`{code}`" not in guide] == []


def test_the_simplest_example_of_a_body_is_the_first_in_the_file_too():
    # The file is sorted, and the command of the page is made of its first example.
    for name, examples in BODIES.items():
        assert list(examples) == sorted(examples), name
