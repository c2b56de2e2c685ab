"""Every line that the functions log of a job is found by what the administration tells of it."""

import re

import pytest
from tests.e2e.conftest import ADMIN_KEY
from tests.support.git_server import hang
from tests.support.processes import FORK_SERVER

FILES = {"a.ts": b"export const one = 1;\n"}
# Lines of an invocation, which may run several jobs or none.
OF_INVOCATIONS = {"the worker ends", "removed what a killed run left behind"}


# In every process that the stack starts: those that a run forks say something when they go to work.
TALKING = f"""
import os, sys
if "{FORK_SERVER}" in sys.orig_argv:
    def go_and_talk(directory, go=os.chdir):
        go(directory)
        os.write(2, b"a child says something")
    os.chdir = go_and_talk
"""


@pytest.fixture
def stack(start_stack, repository, tmp_path):
    repository.commit_files(FILES)
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(TALKING)
    return start_stack(PYTHONPATH=str(tmp_path / "site"))


def admin(stack, method, path):
    headers = {"Authorization": f"Bearer {ADMIN_KEY}"}
    answer = stack.http.request(method, path, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def found(lines, query):
    """The lines that the query of CloudWatch Logs Insights finds."""
    named = re.search(
        r'^\| filter job_id = "(.+)" or correlation_id = "(.+)"$', query, re.MULTILINE
    )
    return [
        line
        for line in lines
        if line.get("job_id") == named[1] or line.get("correlation_id") == named[2]
    ]


def check_lines(stack, request_ids):
    """Every line of the jobs' runs carries the ids of one job and is found by its query.

    `request_ids` has for each job the request that asked for it. An invocation may run several of
    the jobs, one after the other.

    Returns for each job its attempts that logged something, and what was said, by service.
    """
    traced = {job_id: admin(stack, "GET", f"/admin/jobs/{job_id}") for job_id in request_ids}
    lines = stack.log_lines()
    told = {job_id: found(lines, job["logs_query"]) for job_id, job in traced.items()}
    invocations = {attempt["worker"] for job in traced.values() for attempt in job["attempts"]}
    attempts = {job_id: set() for job_id in request_ids}
    for line in lines:
        if line.get("function_request_id") not in invocations or line["message"] in OF_INVOCATIONS:
            continue
        job = traced[line["job_id"]]
        assert line["repository_id"] == job["repository_id"], line
        assert line["correlation_id"] == job["request_id"] == request_ids[line["job_id"]], line
        assert line in told[line["job_id"]]
        attempts[line["job_id"]].add(line["attempt"])
    said = {
        job_id: {(line["service"], line["message"]) for line in of_job}
        for job_id, of_job in told.items()
    }
    return attempts, said


@pytest.mark.proves("W20", "Q24")
def test_every_line_of_a_job_joins_by_id_across_the_functions(stack, git_server):
    url = git_server.url("owner/sources")
    asked = {}
    for name, wishes in (("done", {}), ("failing", {"ref": "no-such-branch"})):
        stack.http.headers["X-Request-Id"] = f"request-{name}"
        asked[name] = stack.post(url, **wishes)
        stack.finished(asked[name])
    stack.http.headers["X-Request-Id"] = "request-later"
    failing = asked["failing"]
    admin(stack, "POST", f"/admin/jobs/{failing}/retry")
    git_server.fault = hang
    stack.wait_until(lambda: stack.job(failing)["status"] == "processing")
    assert stack.http.delete(f"/jobs/{failing}").status_code == 200
    git_server.fault = None
    stack.wait_until(lambda: stack.attempts(failing) == ["failed", "cancelled"])
    stack.wait_until(lambda: stack.logged().count('"job finished"') == 3)

    done = asked["done"]
    attempts, said = check_lines(stack, {done: "request-done", failing: "request-failing"})
    assert attempts == {done: {1}, failing: {1, 2}}
    assert said[done] >= {
        ("api", "job accepted"),
        ("api", "request answered"),
        ("worker", "job started"),
        ("worker", "phase started"),
        ("worker", "a child process wrote to its stderr"),
        ("worker", "commit indexed"),
        ("worker", "job finished"),
    }
    assert said[failing] >= {
        ("api", "job accepted"),
        ("worker", "the run failed"),
        ("admin", "job requeued"),
        ("api", "job cancelled"),
        ("worker", "the job was cancelled; what the run did is discarded"),
    }
    children = [line for line in stack.log_lines() if "child process" in line["message"]]
    targets = {line["target"].rpartition(":")[0] for line in children}
    assert {"indexer.git.fetch_child", "indexer.indexing.parse_child"} <= targets
