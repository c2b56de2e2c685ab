"""`ref=` on every question that takes it: whichever commit of a repository shall answer."""

import pytest
from tests.functions.questions import questions
from tests.search.indexed import Commit, index

from api_function.application import application
from indexer.resolution.rows import Unresolved

MAIN, DEV = "a" * 40, "d" * 40
# The definition that the commits have stands there.
ASKED = {
    "repository": "ada/engine",
    "path": "a.ts",
    "line": 1,
    "column": 9,
    "q": "symbol:of_",
    "package": "kit",
}
WITH_REF = [one for one in questions(application) if "ref" in one.optional["query"]]
OF_ONE = [one for one in WITH_REF if "repository" in one.names]
# Where answers are of several commits, each entry tells its own.
ENTRIES = {"/symbols": "symbols", "/search": "results"}


@pytest.fixture(autouse=True)
def _two_commits(issue, migrated_database):
    """One repository at its default branch and at another."""
    tenant = issue().tenant_id
    for ref, commit_sha in (("main", MAIN), ("dev", DEV)):
        commit = Commit(("a.ts",), texts={"a.ts": f"// {ref}"})
        commit.define("a.ts", f"of_{ref}")
        commit.depend("a.ts", "kit", package="kit", reason=Unresolved.EXTERNAL_PACKAGE)
        index(migrated_database, tenant, commit, ref=ref, commit_sha=commit_sha, default_ref="main")


def test_every_question_about_a_repository_takes_a_ref():
    about_one = {
        one.path
        for one in questions(application)
        if "path" in one.names or "repository" in one.required["query"]
    }
    assert {one.path for one in OF_ONE} == about_one
    assert {one.path for one in WITH_REF} == about_one | {"/search"}
    assert {"/cycles", "/dependencies", "/file", "/files", "/folder", "/graph"} <= about_one
    assert {"/occurrences", "/outline", "/symbols"} <= about_one


@pytest.mark.parametrize("question", WITH_REF, ids=str)
@pytest.mark.parametrize(("ref", "commit"), [(None, MAIN), ("main", MAIN), ("dev", DEV)])
def test_the_ref_that_is_named_answers_and_else_the_default(ada, question, ref, commit):
    asked = {name: ASKED[name] for name in question.names if name in ASKED}
    told = ada.get(question.path, ref=ref, **asked).json
    (of,) = told[ENTRIES[question.path]] if question.path in ENTRIES else [told]
    assert (of["commit_sha"], of["ref"]) == (commit, ref or "main")
    for name in ("of_main", "of_dev"):
        assert (name in str(told)) <= (name == f"of_{ref or 'main'}")


@pytest.mark.parametrize("question", OF_ONE, ids=str)
@pytest.mark.parametrize("ref", ["nope", "refs/heads/dev", "de", "DEV"])
def test_a_ref_that_was_not_indexed_answers_nothing(ada, question, ref):
    asked = {name: ASKED[name] for name in question.names if name in ASKED}
    answer = ada.get(question.path, ref=ref, **asked)
    assert (answer.status, answer.code) == (404, "not_indexed")
