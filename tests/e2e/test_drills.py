"""The drills of docs/drills.md, carried out as they stand."""

import re
import shutil

import pytest
from tests.contract.project import ROOT, section
from tests.e2e.conftest import ADMIN_KEY
from tests.e2e.shell import carried_out

pytestmark = [
    pytest.mark.proves("D8"),
    pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed"),
]

PAGE = "docs/drills.md"
ASKS = ("ask", "admin", "eve")
NO_JOB = {"error": "There is no job with this id.", "code": "job_not_found"}
SOURCES = {"source/index.ts": b"export class Ky {}\n"}


def blocks(text: str) -> str:
    return "".join(re.findall(r"```sh\n(.*?)```", text, re.DOTALL))


@pytest.fixture(autouse=True)
def newest_commit(repository):
    return repository.commit_files(SOURCES)


@pytest.fixture
def stack(start_stack):
    return start_stack()


@pytest.fixture
def drill(stack, git_server, tmp_path):
    """Carries out one drill; the answers to its questions."""
    (tmp_path / ".env").write_text(
        f"KOTADB_URL={stack.service.url}\nKOTADB_API_KEY={stack.key}\n"
        f"KOTADB_ADMIN_KEY={ADMIN_KEY}\n"
    )

    def known(name, value):
        if name == "JOB":
            stack.finished(value)

    def run(title, *, known=known):
        opening = (ROOT / PAGE).read_text(encoding="utf-8").partition("\n## ")[0]
        script = blocks(opening) + blocks(section(PAGE, title))
        return carried_out(
            script.replace("sindresorhus/ky", git_server.url("owner/sources")),
            folder=tmp_path,
            known=known,
            asks=ASKS,
        )

    return run


@pytest.mark.proves("J3", "J13")
def test_a_job_without_a_commit_says_which_one_it_indexed(drill, newest_commit):
    accepted, job, repositories = drill("A job without a commit")
    assert accepted["status"] == "pending"
    (indexed,) = repositories["repositories"]
    (snapshot,) = indexed["snapshots"]
    assert (job["status"], job["ref"]) == ("completed", "main")
    assert job["commit_sha"] == snapshot["commit_sha"] == newest_commit


@pytest.mark.proves("J16", "J17", "O14")
def test_ids_that_are_none_are_told_so_and_make_nothing(drill, stack):
    answers = drill("Ids that are none")
    assert [one["code"] for one in answers] == [
        "job_not_found",
        "job_not_found",
        "symbol_not_found",
        "repository_invalid",
        "job_not_retryable",
    ]
    assert stack.get("/jobs")["jobs"] == []


@pytest.mark.proves("J18")
def test_somebody_elses_things_do_not_exist(drill):
    answers = drill("Somebody else's things")
    _, _, theirs, nobodys, cancelled, listed, found, untouched, keys, revoked, refused = answers
    for one in (theirs, nobodys, cancelled):
        assert one == {**NO_JOB, "request_id": one["request_id"]}
    assert (listed["repositories"], found["symbols"]) == ([], [])
    assert untouched["status"] == "completed"
    assert [key["name"] for key in keys["keys"]] == ["drill"]
    assert "error" not in revoked
    assert refused["code"] == "unauthenticated"


@pytest.mark.proves("Q22", "O9", "J24")
def test_a_killed_worker_costs_one_attempt_and_nothing_else(drill, stack):
    job_id = None

    def known(name, value):
        nonlocal job_id
        if name == "JOB":
            job_id = value
            stack.wait_until(lambda: stack.job(job_id)["phase"] == "parse")
            return None
        # As the comment says, but none except those of this test's own service.
        return f'"{" ".join(map(str, stack.worker_pids()))}"'

    drill("A worker that is killed", known=known)
    # Two fetches of a large commit and one lease that runs out, on a machine that may be busy.
    job = stack.finished(job_id, seconds=240)
    assert (job["status"], job["retry_count"]) == ("completed", 1)
    assert stack.attempts(job_id) == ["lost", "completed"]
    stack.wait_until(lambda: stack.leftovers() == [])
