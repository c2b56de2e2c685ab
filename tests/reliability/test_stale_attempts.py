"""An attempt that lost its lease, wherever its job is by now: every write of it is refused."""

import pytest
from tests.fixtures.queue import OTHER_SHA, SHA, small_commit

from indexer.errors import LeaseLost, PermanentJobError, TransientJobError
from indexer.indexing.store import skip_if_indexed, store_indexed_data
from indexer.jobs.model import Phase, Progress


class Passing(TransientJobError):
    code = "remote_unavailable"


class Lasting(PermanentJobError):
    code = "ref_not_found"


def ready_again(bench, _made):
    """Nobody holds the job."""


def leased_again(bench, _made):
    bench.lease()


def finished(bench, _made):
    store_indexed_data(bench.worker, bench.settings, bench.lease(), small_commit(OTHER_SHA))


def archived(bench, made):
    finished(bench, made)
    bench.scratch.pass_time(bench.settings.archive_completed_after + 1)
    assert bench.sweep.everything().archived == 1


def dead(bench, _made):
    bench.queue.fail(bench.lease(), Lasting("no such branch"))


def retried(bench, made):
    dead(bench, made)
    bench.retry(made.job_id)
    bench.lease()


def cancelled(bench, made):
    bench.cancel(made.job_id)


def superseded(bench, _made):
    bench.enqueue(commit_sha=OTHER_SHA)


def deleted(bench, made):
    bench.delete(made.repository_id)


def late_writes(bench, lease):
    """Everything that a run can do with its lease, by name."""
    queue = bench.queue
    return {
        "heartbeat": lambda: queue.renew(lease, Progress()),
        "progress": lambda: queue.renew(
            lease, Progress(phase=Phase.STORE, files_done=7, files_total=9)
        ),
        "commit": lambda: queue.note_commit(lease, ref="main", commit_sha=OTHER_SHA),
        "complete": lambda: bench.complete(lease),
        "skip": lambda: queue.skip(lease, code="x", message="x", ref="main", commit_sha=SHA),
        "skip as indexed": lambda: skip_if_indexed(
            bench.worker, bench.settings, lease, ref="main", commit_sha=OTHER_SHA
        ),
        "fail": lambda: queue.fail(lease, Passing("late")),
        "fail for good": lambda: queue.fail(lease, Lasting("late")),
        "release": lambda: queue.release(lease),
        "store": lambda: store_indexed_data(bench.worker, bench.settings, lease, small_commit(SHA)),
    }


@pytest.mark.proves("W3", "J10", "Q22")
@pytest.mark.parametrize(
    "becomes",
    [
        ready_again,
        leased_again,
        finished,
        archived,
        dead,
        retried,
        cancelled,
        superseded,
        deleted,
    ],
    ids=lambda one: one.__name__,
)
def test_no_write_of_a_stale_attempt_changes_anything(bench, contents, becomes):
    made = bench.enqueue()
    stale = bench.lease()
    bench.scratch.pass_time(bench.settings.lease_seconds + 1)
    (lost,) = bench.worker.fetch_all("leases_run_out", batch_size=10)
    assert bench.sweep.recover().leases_lost == 1
    becomes(bench, made)

    before = contents()
    for name, write in late_writes(bench, stale).items():
        with pytest.raises(LeaseLost):
            pytest.fail(f"{name} was taken and gave {write()!r}")
        assert contents() == before, name
    assert bench.queue.lose(lost) is None
    assert contents() == before
    assert not bench.queue.attempt_took_effect(stale)
