"""A repository goes in over HTTP; answers about it come out."""

import os
import signal
import threading

import pytest
from tests.support.git_server import hang, status
from tests.support.processes import children_of_sandbox

CART = b"""import { Money, total } from "./money.js";

/** What a customer is about to buy. */
export class Cart {
  private readonly prices: Money[] = [];

  add(price: Money): void {
    this.prices.push(price);
  }

  sum(): Money {
    return total(this.prices);
  }
}
"""
MONEY = b"""export interface Money { cents: number }

/** Adds amounts up. */
export function total(amounts: Money[]): Money {
  return { cents: amounts.reduce((sum, one) => sum + one.cents, 0) };
}
"""
FILES = {
    "src/cart.ts": CART,
    "src/money.ts": MONEY,
    "src/index.ts": b'export * from "./money";\nexport { Cart } from "./cart";\nimport "react";\n',
    "README.md": b"# A shop\n",
}


@pytest.mark.proves("W1", "W4", "W6", "J1", "J13", "Q1", "W19")
def test_an_indexed_repository_answers_where_things_are_defined_and_used(
    start_stack, repository, git_server
):
    sha = repository.commit_files(FILES)
    stack = start_stack()
    job = stack.index(git_server.url("owner/sources"))
    assert (job["commit_sha"], job["ref"]) == (sha, "main")
    assert job["stats"]["files_indexed"] == 3
    assert job["stats"]["symbols_extracted"] >= 7

    (total,) = stack.get("/symbols", name="total")["symbols"]
    assert (total["path"], total["line"], total["kind"]) == ("src/money.ts", 4, "function")
    assert total["signature"] == "function total(amounts: Money[]): Money"
    assert total["documentation"] == "Adds amounts up."

    uses = stack.get(f"/symbols/{total['id']}/references")["references"]
    assert [(one["path"], one["line"], one["kind"]) for one in uses] == [
        ("src/cart.ts", 1, "import"),
        ("src/cart.ts", 12, "call"),
    ]
    assert uses[1]["enclosing"]["name"] == "sum"

    answer = stack.get(
        "/dependencies", repository=job["repository_id"], path="src/index.ts", direction="both"
    )
    assert [file["path"] for file in answer["dependencies"]["files"]] == [
        "src/cart.ts",
        "src/money.ts",
    ]
    assert [one["name"] for one in answer["external_packages"]] == ["react"]
    (known,) = stack.get("/repositories")["repositories"]
    assert known["snapshots"][0]["commit_sha"] == sha


@pytest.mark.proves("J13", "J3")
def test_a_pinned_commit_is_indexed_and_not_the_branch(start_stack, repository, git_server):
    first = repository.commit_files({"a.ts": b"export const first = 1;\n"})
    repository.commit_files({"a.ts": b"export const second = 2;\n"})
    stack = start_stack()
    job = stack.index(git_server.url("owner/sources"), commit_sha=first)
    assert job["commit_sha"] == first
    names = [one["name"] for one in stack.get("/symbols", prefix="f")["symbols"]]
    assert names == ["first"]


@pytest.mark.proves("W14")
def test_files_that_cannot_be_parsed_are_counted_and_the_others_indexed(
    start_stack, repository, git_server
):
    repository.commit_files(
        {
            "good.ts": b"export const good = 1;\n",
            "broken.ts": b"export function half( {\n  const found = 1;\n",
            "nul.ts": b"export const before = 1;\0\nexport const after = 2;\n",
            "data.ts": bytes(range(256)) * 40,
        }
    )
    stack = start_stack()
    job = stack.index(git_server.url("owner/sources"))
    stats = job["stats"]
    counted = sum(stats["files_skipped"].values()) + sum(stats["files_failed"].values())
    assert stats["files_indexed"] + counted == 4
    assert [one["name"] for one in stack.get("/symbols", name="good")["symbols"]] == ["good"]


def test_a_repository_without_sources_is_an_empty_index(start_stack, repository, git_server):
    repository.commit_files({"README.md": b"# Nothing here\n"})
    stack = start_stack()
    job = stack.index(git_server.url("owner/sources"))
    assert job["stats"]["files_indexed"] == 0
    assert stack.get("/symbols", prefix="a", repository=job["repository_id"])["symbols"] == []


@pytest.mark.proves("W15", "J8", "Q23")
@pytest.mark.parametrize(
    ("name", "wishes", "code"),
    [
        ("owner/nobody", {}, "repository_not_found"),
        ("owner/sources", {"ref": "no-such-branch"}, "ref_not_found"),
        ("owner/sources", {"commit_sha": "f" * 40}, "commit_not_found"),
    ],
)
def test_what_the_remote_does_not_have_fails_at_once_with_its_reason(
    start_stack, repository, git_server, name, wishes, code
):
    repository.commit_files(FILES)
    stack = start_stack()
    job = stack.finished(stack.post(git_server.url(name), **wishes))
    assert (job["status"], job["error_code"]) == ("failed", code)
    assert job["retry_count"] == 0
    assert stack.scratch.value("SELECT count(*) FROM kotadb_queue.dead_letters") == 1


@pytest.mark.proves("W16")
def test_a_remote_that_is_away_for_a_moment_is_tried_again(start_stack, repository, git_server):
    repository.commit_files(FILES)
    git_server.fault = status(503)
    stack = start_stack()
    job_id = stack.post(git_server.url("owner/sources"))
    stack.wait_until(lambda: stack.job(job_id)["error_code"])
    waiting = stack.job(job_id)
    assert (waiting["status"], waiting["error_code"]) == ("pending", "remote_unavailable")
    assert waiting["next_attempt_at"]
    git_server.fault = None
    stack.scratch.pass_time(70)
    job = stack.finished(job_id)
    assert (job["status"], job["retry_count"], job["error_code"]) == ("completed", 1, None)


@pytest.mark.proves("W12")
def test_the_same_commit_again_is_skipped_unless_forced(start_stack, repository, git_server):
    repository.commit_files(FILES)
    stack = start_stack()
    url = git_server.url("owner/sources")
    stack.index(url)
    again = stack.finished(stack.post(url))
    assert (again["status"], again["error_code"]) == ("skipped", "already_indexed")
    stack.index(url, force=True)


def test_a_new_commit_replaces_the_old_one_whole(start_stack, repository, git_server):
    repository.commit_files({"a.ts": b"export const old = 1;\n", "b.ts": b"export const b = 1;\n"})
    stack = start_stack()
    url = git_server.url("owner/sources")
    job = stack.index(url)
    repository.commit_files({"a.ts": b"export const fresh = 1;\n"})
    stack.index(url)
    names = stack.get("/symbols", repository=job["repository_id"])["symbols"]
    assert [one["name"] for one in names] == ["fresh"]


@pytest.mark.proves("W8", "J4")
@pytest.mark.parametrize("what", ["job", "repository"])
def test_a_running_job_that_is_ended_stops_its_worker_which_takes_the_next(
    start_stack, repository, git_server, what
):
    repository.commit_files(FILES)
    git_server.fault = hang
    stack = start_stack(WORKER_TEAM_SIZE="1")
    job_id = stack.post(git_server.url("owner/sources"))
    stack.wait_until(lambda: stack.job(job_id)["phase"] == "clone" and stack.leftovers())
    running = stack.job(job_id)
    ended = job_id if what == "job" else running["repository_id"]
    answer = stack.http.delete(f"/jobs/{ended}" if what == "job" else f"/repositories/{ended}")
    git_server.fault = None
    if what == "job":
        assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    else:
        assert (answer.status_code, answer.content) == (204, b"")
        assert stack.http.get(f"/jobs/{job_id}").status_code == 404
    again = stack.index(git_server.url("owner/sources"))
    assert (again["repository_id"] == running["repository_id"]) == (what == "job")
    stack.wait_until(lambda: any("was cancelled" in one["message"] for one in stack.log_lines()))
    stack.wait_until(lambda: stack.leftovers() == [])
    assert stack.attempts(job_id) == ["cancelled"]
    assert len(stack.get("/repositories")["repositories"]) == 1


@pytest.mark.proves("W2", "W22")
def test_of_five_queued_jobs_three_run_and_posting_waits_for_none(
    start_stack, repository, git_server
):
    repository.commit_files(FILES)
    git_server.fault = hang
    stack = start_stack()
    url = git_server.url("owner/sources")
    jobs = [stack.post(url, ref=f"refs/heads/b{number}") for number in range(5)]

    def statuses():
        return sorted(stack.job(job_id)["status"] for job_id in jobs)

    wanted = ["pending", "pending", "processing", "processing", "processing"]
    stack.wait_until(lambda: statuses() == wanted)


def test_an_enqueue_wakes_the_worker(start_stack, repository, git_server):
    repository.commit_files(FILES)
    # Who is woken may find that the first tick took the job, and says so at this level alone.
    stack = start_stack(tick_seconds=10, POWERTOOLS_LOG_LEVEL="DEBUG")
    assert any(stack.woken_by_enqueue(git_server.url("owner/sources")) for _ in range(3))


@pytest.mark.proves("Q22", "Q27", "D12")
def test_a_queued_job_survives_a_restart(start_stack, repository, git_server):
    repository.commit_files(FILES)
    idle = start_stack(WORKER_ENABLED="false")
    job_id = idle.post(git_server.url("owner/sources"))
    assert idle.get("/health")["queue"] is None
    idle.service.stop()
    assert start_stack().finished(job_id)["status"] == "completed"


@pytest.mark.proves("W20")
def test_the_workers_log_lines_carry_the_id_of_the_request(start_stack, repository, git_server):
    repository.commit_files(FILES)
    stack = start_stack()
    stack.http.headers["X-Request-Id"] = "a-sane-id.42"
    job = stack.index(git_server.url("owner/sources"))
    stack.wait_until(lambda: "job finished" in stack.logged())
    of_the_job = [line for line in stack.log_lines() if line.get("job_id") == job["id"]]
    worker_lines = [line for line in of_the_job if line.get("service") != "api"]
    assert {"job started", "commit indexed", "job finished"} <= {
        line["message"] for line in worker_lines
    }
    assert {line["correlation_id"] for line in worker_lines} == {"a-sane-id.42"}
    assert stack.scratch.worker.password not in stack.logged()


@pytest.mark.proves("Q22", "W8", "W9", "O9")
@pytest.mark.parametrize("stage", ["clone", "parse", "store"])
def test_a_worker_killed_at_any_stage_costs_one_attempt_and_nothing_else(
    start_stack, repository, git_server, stage
):
    many = b"".join(
        b"export const name_%d = (n: number) => n + %d;\n" % (n, n) for n in range(4000)
    )
    repository.commit_files({**FILES, **{f"src/large{n}.ts": many for n in range(8)}})
    if stage == "clone":
        git_server.fault = hang
    stack = start_stack(PARSE_PROCESSES="1")
    job_id = stack.post(git_server.url("owner/sources"))
    with stack.scratch.connection() as holder:
        if stage == "store":
            holder.execute("BEGIN; LOCK TABLE kotadb.symbols IN ACCESS EXCLUSIVE MODE")
        stack.wait_until(lambda: stack.job(job_id)["phase"] == stage)
        stack.signal_workers(signal.SIGKILL)
        git_server.fault = None
        if stage == "store":
            holder.execute("ROLLBACK")
    job = stack.finished(job_id)
    assert (job["status"], job["retry_count"]) == ("completed", 1)
    assert stack.attempts(job_id) == ["lost", "completed"]
    stack.wait_until(lambda: stack.leftovers() == [])
    assert stack.scratch.value("SELECT count(*) FROM kotadb.snapshots WHERE state = 'current'") == 1
    assert stack.scratch.value("SELECT count(*) FROM kotadb.files") == 11


@pytest.mark.proves("O9")
def test_a_worker_that_was_frozen_past_its_lease_changes_nothing_when_it_thaws(
    start_stack, repository, git_server
):
    sha = repository.commit_files(FILES)
    thawed = threading.Event()

    def wait_for_the_thaw(exchange):
        thawed.wait(timeout=30)
        exchange.answer(exchange.real_answer())

    git_server.fault = wait_for_the_thaw
    stack = start_stack()
    job_id = stack.post(git_server.url("owner/sources"))
    # The job is leased before the child that fetches is there.
    stack.wait_until(lambda: busy_pids(stack))
    (busy,) = busy_pids(stack)
    os.kill(busy, signal.SIGSTOP)
    git_server.fault = None
    job = stack.finished(job_id)
    assert stack.attempts(job_id) == ["lost", "completed"]
    snapshots = stack.scratch.sql("SELECT * FROM kotadb.snapshots")
    os.kill(busy, signal.SIGCONT)
    thawed.set()
    stack.wait_until(lambda: "the lease was lost; what the run did is discarded" in stack.logged())
    assert stack.job(job_id) == job
    assert job["commit_sha"] == sha
    assert stack.scratch.sql("SELECT * FROM kotadb.snapshots") == snapshots
    assert stack.attempts(job_id) == ["lost", "completed"]
    stack.wait_until(lambda: stack.leftovers() == [])


def busy_pids(stack):
    return [pid for pid in stack.worker_pids() if children_of_sandbox(pid)]
