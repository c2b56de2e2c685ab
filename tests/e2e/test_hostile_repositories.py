"""Hostile repositories go all the way, one after the other in one worker process."""

import json
from itertools import zip_longest

import pytest
from tests.contract.project import ROOT
from tests.support.git_server import GitServer
from tests.support.hostile import BOUNDS, GOOD, GOOD_SOURCE
from tests.support.hostile_packs import ALL
from tests.support.processes import children_of_sandbox
from tests.support.repositories import Repository

EVENT = json.loads((ROOT / "events" / "worker-schedule.json").read_text(encoding="utf-8"))
# One that fails, one that does not: whatever fails, the next job in the process succeeds.
FAILING, FOUND = ([one for one in ALL if (one.error is None) is found] for found in (False, True))
IN_TURN = [one for pair in zip_longest(FAILING, FOUND) for one in pair if one is not None]
# What lies outside the repositories and must not get into the index.
CANARY = "Kanarie6c1f0a52d7b94e8fa3"
TEXTS = """
SELECT table_schema || '.' || table_name AS place, column_name AS name, data_type AS kind
FROM information_schema.columns
WHERE table_schema IN ('kotadb', 'kotadb_queue') AND data_type IN ('text', 'jsonb', 'bytea')
"""


@pytest.fixture
def elsewhere(tmp_path):
    """A server that nobody has a reason to ask."""
    (tmp_path / "nothing").mkdir()
    with GitServer(tmp_path / "nothing") as running:
        yield running


@pytest.fixture
def remotes(tmp_path, git_server, elsewhere):
    """Every hostile repository, by the address that it is served from."""
    faults = {}
    for case in ALL:
        name = f"hostile/{case.name}"
        repository = Repository.create(tmp_path / "remotes" / name)
        fault = case.make(repository, f"http://127.0.0.1:{elsewhere.port}")
        if fault is not None:
            faults[name] = fault

    def decent_or_not(exchange):
        if exchange.name in faults:
            faults[exchange.name](exchange)
        else:
            exchange.answer(exchange.real_answer())

    git_server.fault = decent_or_not
    return {case.name: git_server.url(f"hostile/{case.name}") for case in ALL}


def outcome_of(job):
    """How it stands with a job that ran once."""
    stats = job["stats"] or {}
    return (
        job["status"],
        job["error_code"],
        stats.get("files_skipped", {}),
        stats.get("files_failed", {}),
    )


def wanted_of(case):
    if case.error is None:
        return ("completed", None, case.skipped, case.failed)
    return ("pending" if case.passing else "failed", case.error, {}, {})


def paths_in(stack, repository_id):
    query = {"repository": repository_id, "limit": 100}
    paths, cursor = [], {}
    while cursor is not None:
        page = stack.get("/files", **query, **cursor)
        paths += [one["path"] for one in page["files"]]
        cursor = {"cursor": page["next_cursor"]} if page["next_cursor"] else None
    return paths


def ask_everything(stack, repository_id, paths):
    """Every question about every file has an answer; the good one is found as it is."""
    for path in paths:
        asked = {"repository": repository_id, "path": path}
        for route in ("/outline", "/dependencies", "/occurrences"):
            assert stack.http.get(route, params=asked).status_code == 200, (route, path)
        answer = stack.http.get("/file", params=asked)
        assert answer.status_code == 200 or answer.json()["code"] == "file_not_text", path
    told = stack.get("/file", repository=repository_id, path=GOOD)
    assert told["text"] == GOOD_SOURCE.decode()
    (good,) = stack.get("/symbols", repository=repository_id, name="good")["symbols"]
    assert (good["path"], good["kind"], good["line"]) == (GOOD, "function", 1)


def columns_with(scratch, *texts):
    found = set()
    for column in scratch.sql(TEXTS):
        name = f'"{column["name"]}"'
        text = f"encode({name}, 'escape')" if column["kind"] == "bytea" else f"{name}::text"
        for one in texts:
            asked = f"SELECT count(*) FROM {column['place']} WHERE strpos({text}, %s) > 0"
            if scratch.value(asked, one):
                found.add((column["place"], column["name"], one))
    return found


@pytest.mark.proves("W7", "W14", "W15", "W21")
def test_every_hostile_repository_ends_as_it_should_and_the_next_job_succeeds(
    start_stack, remotes, git_server, elsewhere, tmp_path
):
    (tmp_path / "tmp").mkdir()
    stack = start_stack(
        tick_seconds=3_600,
        **{name: str(value) for name, value in BOUNDS.items()},
        LEASE_SECONDS="30",
        PLANTED=CANARY,
        REQUESTS_PER_HOUR_TEAM="1000000",
        RETRY_DELAY="3600",
        RETRY_DELAY_MAX="3600",
        TMPDIR=str(tmp_path / "tmp"),
        WORKER_FUNCTION_NAME="",
    )
    stack.wait_for_the_first_tick()
    jobs = {case.name: stack.post(remotes[case.name]) for case in IN_TURN}
    # One invocation does them all, in the order in which they were asked for.
    invocation = stack.service._worker.invoke(EVENT).result(timeout=300)
    assert not invocation.failed, invocation.payload
    (worker,) = stack.worker_pids()

    ended = {name: stack.job(job_id) for name, job_id in jobs.items()}
    assert {name: outcome_of(job) for name, job in ended.items()} == {
        case.name: wanted_of(case) for case in ALL
    }
    for case in ALL:
        repository_id = ended[case.name]["repository_id"]
        if case.error is None:
            paths = paths_in(stack, repository_id)
            assert set(paths) == case.files, case.name
            assert len(paths) == len(case.files)
            ask_everything(stack, repository_id, paths)

    assert children_of_sandbox(worker) == []
    assert stack.leftovers() == []
    assert list((tmp_path / "tmp").iterdir()) == []
    assert "removed what a killed run left behind" not in stack.logged()
    assert elsewhere.log == []
    assert {path.split(".git/")[0] for _, path, _ in git_server.log} == {
        f"/hostile/{case.name}" for case in ALL
    }
    assert columns_with(stack.scratch, CANARY, "root:x:0:0") == set()
    assert CANARY not in stack.logged()
    for line in stack.logged().splitlines():
        assert isinstance(json.loads(line), dict)
    assert not list(tmp_path.rglob("pwned"))
