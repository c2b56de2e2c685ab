import json

import pytest
from tests.search.indexed import Commit, index

UNKNOWN = ("not-a-uuid", "00000000-0000-4000-8000-000000000000", "ada%2Fengine")


@pytest.fixture
def indexed(ada, migrated_database):
    """A repository with one file that defines one function."""
    commit = Commit(("a.ts", "b.ts"))
    commit.define("a.ts", "run")
    commit.use("b.ts", 0, line=1)
    tenant = migrated_database.value(
        "SELECT user_id FROM kotadb.users WHERE email = 'ada@example.com'"
    )
    index(migrated_database, tenant, commit)
    (found,) = ada.get("/repositories").json["repositories"]
    return found


def told(answer):
    """An answer without what may differ between two."""
    headers = {
        name: value
        for name, value in answer.headers.items()
        if name != "x-request-id" and not name.startswith("x-ratelimit")
    }
    body = {**json.loads(answer.text), "request_id": ""}
    return f"{answer.status} {sorted(headers.items())} {sorted(body.items())}"


def test_one_repository_is_told_as_in_the_list(ada, indexed):
    one = ada.get(f"/repositories/{indexed['id']}").json
    ages = [snapshot.pop("age_seconds") for snapshot in (*one["snapshots"], *indexed["snapshots"])]
    assert one == indexed
    assert all(age >= 0 for age in ages)


@pytest.mark.proves("J18")
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_repository_that_is_not_the_callers_does_not_exist(ada, eve, stranger, indexed, method):
    answers = [eve.request(method, f"/repositories/{one}") for one in (indexed["id"], *UNKNOWN)]
    assert len({told(answer) for answer in answers}) == 1
    assert (answers[0].status, answers[0].code) == (404, "repository_not_found")
    assert stranger.request(method, f"/repositories/{indexed['id']}").status == 401
    assert ada.get(f"/repositories/{indexed['id']}").status == 200


def test_a_deleted_repository_is_gone_from_every_route(ada, indexed):
    job_id = ada.post("/index", {"repository": indexed["repository"]}).json["jobId"]
    (symbol,) = ada.get("/symbols", name="run").json["symbols"]
    answer = ada.request("DELETE", f"/repositories/{indexed['id']}")
    assert (answer.status, answer.text) == (204, "")
    assert answer.headers["x-request-id"]

    assert ada.get("/repositories").json["repositories"] == []
    assert ada.get("/jobs").json["jobs"] == []
    assert ada.get("/symbols", name="run").json["symbols"] == []
    for path, query, code in (
        (f"/repositories/{indexed['id']}", {}, "repository_not_found"),
        (f"/jobs/{job_id}", {}, "job_not_found"),
        ("/jobs", {"repository": indexed["id"]}, "repository_not_found"),
        ("/symbols", {"repository": indexed["repository"]}, "repository_not_found"),
        ("/dependencies", {"repository": indexed["id"], "path": "a.ts"}, "repository_not_found"),
        (f"/symbols/{symbol['id']}/references", {}, "symbol_not_found"),
    ):
        answer = ada.get(path, **query)
        assert (answer.status, answer.code) == (404, code), path
    for path in (f"/repositories/{indexed['id']}", f"/jobs/{job_id}"):
        assert ada.request("DELETE", path).status == 404


@pytest.mark.proves("J22")
def test_a_deleted_repository_can_be_indexed_anew_at_once(ada, indexed):
    ada.request("DELETE", f"/repositories/{indexed['id']}")
    made = ada.post("/index", {"repository": indexed["url"]}).json
    assert not made["deduplicated"]
    (found,) = ada.get("/repositories").json["repositories"]
    assert found["id"] != indexed["id"]
    assert (found["url"], found["snapshots"]) == (indexed["url"], [])
    assert ada.get(f"/jobs/{made['jobId']}").json["repository_id"] == found["id"]
