import json
from pathlib import Path

import pytest

from api_function.application import application
from indexer.errors import KotaError, Refused
from indexer.http.description import describe, write_description

FILE = "docs/openapi.json"


def operations():
    return [
        (method, path, operation)
        for path, item in describe(application.resolver)["paths"].items()
        for method, operation in item.items()
    ]


@pytest.mark.proves("D2")
def test_the_description_in_the_repository_is_that_of_the_routes(pytestconfig):
    file = pytestconfig.rootpath / FILE
    if pytestconfig.getoption("--update-docs"):
        file.write_text(write_description(application.resolver), encoding="utf-8")
    assert file.read_text(encoding="utf-8") == write_description(application.resolver)


@pytest.mark.proves("D2")
def test_every_route_is_described(stranger):
    registered = {(route.method.lower(), route.openapi_path) for route in application.routes}
    assert {(method, path) for method, path, _ in operations()} == registered
    assert ("get", "/health") in registered
    assert stranger.get("/openapi.json").json == describe(application.resolver)


@pytest.mark.proves("D2")
def test_the_404_that_hides_other_tenants_is_described():
    described = describe(application.resolver)["paths"]["/jobs/{job_id}"]["get"]["responses"]["404"]
    assert "another tenant's" in described["description"]
    assert "another tenant" in describe(application.resolver)["info"]["description"]


@pytest.mark.proves("D2")
@pytest.mark.parametrize(("method", "path", "operation"), operations())
def test_every_error_is_described_in_the_one_shape(method, path, operation):
    responses = operation["responses"]
    needed = {"500"}
    if operation.get("security"):
        needed |= {"401", "422", "429", "503"}
    if operation.get("requestBody"):
        needed |= {"400", "413", "415"}
    if "{" in path:
        needed |= {"404"}
    assert needed <= set(responses), f"{method} {path}"
    for status, response in responses.items():
        assert "X-Request-Id" in response["headers"]
        if int(status) >= 400:
            schema = response["content"]["application/json"]["schema"]
            assert schema == {"$ref": "#/components/schemas/ProblemBody"}
            assert response["description"].startswith("`")


def test_the_description_holds_no_reference_that_leads_nowhere():
    described = describe(application.resolver)
    text = json.dumps(described)
    for name in described["components"]["schemas"]:
        assert f'"#/components/schemas/{name}"' in text
    for piece in text.split('"#/components/schemas/')[1:]:
        assert piece.partition('"')[0] in described["components"]["schemas"]


def refusals(root: type[KotaError]) -> set[type[KotaError]]:
    found = set()
    for kind in root.__subclasses__():
        found |= {kind} | refusals(kind)
    return found


def test_every_code_stands_for_one_error():
    codes: dict[str, set[str]] = {}
    for kind in refusals(Refused):
        codes.setdefault(kind.code, set()).add(kind.__name__)
    assert {code: kinds for code, kinds in codes.items() if len(kinds) > 1} == {}


def test_the_guide_names_every_route_and_every_code_of_the_description(pytestconfig):
    guide = Path(pytestconfig.rootpath / "docs/api.md").read_text(encoding="utf-8")
    for method, path, operation in operations():
        assert f"{method.upper()} {path}" in guide
        for status, response in operation["responses"].items():
            if int(status) >= 400:
                for line in response["description"].split("\n\n"):
                    assert line.split("`")[1] in guide
